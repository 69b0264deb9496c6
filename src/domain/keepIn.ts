/** How those who listen or are connected are kept, as long as they are. */
import { Effect, type Scope } from "effect"

/** Keeps a member in the set until the scope closes. */
export const keepIn = <Member>(
  members: Set<Member>,
  member: Member
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => members.add(member)),
      () => Effect.sync(() => members.delete(member))
    )
  )
