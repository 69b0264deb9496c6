/** The clock of a test whose time of day can be set, as an administrator does. Sleeping and monotonic time go on as ever. */
import { Clock, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"

export const makeWallClock = Effect.gen(function* () {
  const real = yield* TestClock.testClockWith(Effect.succeed)
  let shift = 0
  const now = () => real.currentTimeMillisUnsafe() + shift
  const clock: Clock.Clock = {
    ...real,
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now)
  }
  return {
    clock,
    setBack: (by: Duration.Input) => {
      shift -= Duration.toMillis(by)
    }
  }
})
