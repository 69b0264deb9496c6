import { Duration, Effect, Layer } from "effect"
import { StoreClock } from "../../src/server/postgres/StoreClock.ts"

/** A clock for the store that stands still until it is advanced. */
export const manualStoreClock = (start = Date.UTC(2030, 0, 31, 12)) => {
  let millis = start
  return {
    layer: Layer.succeed(
      StoreClock,
      Effect.sync(() => millis)
    ),
    advance: (duration: Duration.Input) =>
      Effect.sync(() => {
        millis += Duration.toMillis(duration)
      })
  }
}
