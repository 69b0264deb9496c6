/** Where the tokens are kept, as an interface. It fails as `JobRepo` does: with defects that no caller could mend. */
import { Context, type Effect, type Result } from "effect"
import type { StoredToken } from "./Token.ts"

/** Decides upon a change of the tokens that there are. */
export type TokenCheck<E> = (tokens: ReadonlyArray<StoredToken>) => Result.Result<void, E>

/** Changes come one after another, on all servers: each check sees what the changes before it have left. */
export class TokenRepo extends Context.Service<
  TokenRepo,
  {
    /** By name. */
    readonly all: Effect.Effect<ReadonlyArray<StoredToken>>
    /** Adds a token of a name that there is none of, if nothing is against it. */
    readonly create: <E>(
      token: Omit<StoredToken, "createdAt">,
      check: TokenCheck<E>
    ) => Effect.Effect<Result.Result<StoredToken, E>>
    /** Removes a token, if nothing is against it. */
    readonly remove: <E>(name: string, check: TokenCheck<E>) => Effect.Effect<Result.Result<void, E>>
  }
>()("lazyboss/domain/access/TokenRepo") {}
