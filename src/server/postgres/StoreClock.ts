/** What time it is for the store. */
import { Context, Effect } from "effect"

/**
 * Milliseconds since the epoch, or null for the database's own clock: many servers share a database, and one whose clock
 * is wrong must not end other people's attempts early. A test that rules the time gives its own.
 */
export const StoreClock = Context.Reference<Effect.Effect<number | null>>("lazyboss/server/StoreClock", {
  defaultValue: () => Effect.succeed(null)
})
