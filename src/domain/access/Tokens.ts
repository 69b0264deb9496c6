/** The tokens in force: made, revoked, and remembered so that no request has to ask the store. */
import { Context, Effect, Layer, Redacted } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import type { Caller } from "./Caller.ts"
import type { SupervisorNeeded, TokenExists, TokenNotFound, TooManyTokens } from "../Errors.ts"
import { EventHub } from "../events/EventHub.ts"
import * as Mirror from "../Mirror.ts"
import { type Role, secretBytes, type StoredToken, toSecret } from "./Token.ts"
import { TokenRepo } from "./TokenRepo.ts"
import { checkCreation, checkRevocation, isInForce } from "./TokenRules.ts"

/** Whether a server without tokens may be open to whoever reaches it. */
export const MayBeOpen = Context.Reference<boolean>("lazyboss/domain/access/Tokens/MayBeOpen", {
  defaultValue: () => true
})

/** A new token, and the secret that nobody can be told again. */
export interface CreatedToken {
  readonly token: StoredToken
  readonly secret: Redacted.Redacted
}

export class Tokens extends Context.Service<
  Tokens,
  {
    /** All tokens, by name: always the same list until they may have changed. */
    readonly current: () => ReadonlyArray<StoredToken>
    /** The hash of a secret, as it is kept. */
    readonly hash: (secret: Redacted.Redacted) => Effect.Effect<Uint8Array>
    /** Creates a token; in force here at once and on other servers as soon as they hear. */
    readonly create: (
      name: string,
      role: Role
    ) => Effect.Effect<CreatedToken, TokenExists | TooManyTokens | SupervisorNeeded>
    /** Revokes a token, likewise. */
    readonly revoke: (name: string) => Effect.Effect<void, TokenNotFound | SupervisorNeeded>
    /** Whether the caller would still be recognised. */
    readonly recognises: (caller: Caller) => boolean
    /** Waits until the caller would not be recognised any more. */
    readonly disowned: (caller: Caller) => Effect.Effect<void>
  }
>()("lazyboss/domain/access/Tokens") {
  static readonly layer = Layer.effect(
    Tokens,
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const hub = yield* EventHub
      const mayBeOpen = yield* MayBeOpen
      const random = yield* SecureRandom.SecureRandom
      const digest = yield* Digest.Digest
      const whenRead = new Set<() => void>()
      const mirror = yield* Mirror.make("tokens", repo.all, () => {
        for (const look of whenRead) look()
      })
      const recognises = ({ token }: Caller) => isInForce(mirror.current(), token)

      const hash = (secret: Redacted.Redacted) =>
        digest.digest(Digest.sha256, new TextEncoder().encode(Redacted.value(secret)))
      const announce = Effect.andThen(hub.publishSupervision("tokens"), mirror.refresh)

      return Tokens.of({
        current: mirror.current,
        hash,
        create: Effect.fnUntraced(function* (name, role) {
          const secret = toSecret(yield* random.randomBytes(secretBytes))
          const created = yield* repo.create({ name, role, hash: yield* hash(secret) }, (tokens) =>
            checkCreation(tokens, { name, role })
          )
          const token = yield* Effect.fromResult(created)
          yield* announce
          return { token, secret }
        }, Effect.uninterruptible),
        revoke: Effect.fnUntraced(function* (name) {
          const removed = yield* repo.remove(name, (tokens) => checkRevocation(tokens, name, mayBeOpen))
          yield* Effect.fromResult(removed)
          yield* announce
        }, Effect.uninterruptible),
        recognises,
        disowned: (caller) =>
          Effect.callback((resume) => {
            const look = () => {
              if (!recognises(caller)) resume(Effect.void)
            }
            whenRead.add(look)
            look()
            return Effect.sync(() => whenRead.delete(look))
          })
      })
    })
  )
}
