/** Where the snapshot comes from that the readers of the feed get once a second. */
import { Context, Effect } from "effect"
import type { JsonValue } from "./Json.ts"

/** The snapshot as it is now. Without a source there is nothing in it. */
export const StatsSource = Context.Reference<{ readonly snapshot: Effect.Effect<JsonValue> }>(
  "lazyboss/domain/StatsSource",
  { defaultValue: () => ({ snapshot: Effect.succeed({}) }) }
)
