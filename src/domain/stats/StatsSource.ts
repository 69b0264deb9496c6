/** Where the snapshot comes from that the readers of the feed get once a second. */
import { Context, Effect, Layer } from "effect"
import type { JsonValue } from "../Json.ts"

/** The snapshot as it is now. Without a source there is nothing in it. */
export const StatsSource = Context.Reference<{ readonly snapshot: Effect.Effect<JsonValue> }>(
  "lazyboss/domain/stats/StatsSource",
  { defaultValue: () => ({ snapshot: Effect.succeed({}) }) }
)

/** Where a source is put in later: the stats are made of services which themselves tell the feed what they do. */
export class StatsSlot extends Context.Service<
  StatsSlot,
  { readonly fill: (snapshot: Effect.Effect<JsonValue>) => Effect.Effect<void> }
>()("lazyboss/domain/stats/StatsSource/StatsSlot") {
  /** The slot, and the source that it is; the one that is there otherwise as long as the slot is empty. */
  static readonly layer = Layer.effectContext(
    Effect.map(StatsSource, (source) => {
      let { snapshot } = source
      return Context.make(StatsSource, { snapshot: Effect.suspend(() => snapshot) }).pipe(
        Context.add(StatsSlot, {
          fill: (filled) =>
            Effect.sync(() => {
              snapshot = filled
            })
        })
      )
    })
  )
}
