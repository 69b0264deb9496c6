/** Registers listeners, watchers and connections for the lifetime of a scope. */
import { Effect, type Scope } from "effect"

/** Adds a member to the set, and deletes it when the scope closes. */
export const addScoped = <Member>(
  members: Set<Member>,
  member: Member
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => members.add(member)),
      () => Effect.sync(() => members.delete(member))
    )
  )
