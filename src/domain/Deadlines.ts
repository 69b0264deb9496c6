/** Deadlines of many things that hardly ever take so long: one fiber sleeps for all of them. */
import { Clock, Context, Duration, Effect, Latch, Layer } from "effect"

interface Deadline {
  readonly at: number
  readonly passed: () => void
}

export class Deadlines extends Context.Service<
  Deadlines,
  {
    /** Calls `passed` once when the time is over, unless the function that is returned was called before. */
    readonly set: (after: Duration.Duration, passed: () => void) => () => void
  }
>()("lazyboss/domain/Deadlines") {
  static readonly layer = Layer.effect(
    Deadlines,
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const deadlines = new Set<Deadline>()
      const isSooner = yield* Latch.make(false)
      let wakeAt = Number.POSITIVE_INFINITY

      const callThosePassed = (now: number) => {
        wakeAt = Number.POSITIVE_INFINITY
        for (const deadline of deadlines) {
          if (deadline.at > now) {
            wakeAt = Math.min(wakeAt, deadline.at)
          } else {
            deadlines.delete(deadline)
            deadline.passed()
          }
        }
      }

      const keepWatch = Effect.gen(function* () {
        isSooner.closeUnsafe()
        const now = clock.currentTimeMillisUnsafe()
        callThosePassed(now)
        yield* wakeAt === Number.POSITIVE_INFINITY
          ? isSooner.await
          : Effect.raceFirst(Effect.sleep(Duration.millis(wakeAt - now)), isSooner.await)
      })
      yield* Effect.forkScoped(Effect.forever(keepWatch))

      return Deadlines.of({
        set: (after, passed) => {
          const deadline = { at: clock.currentTimeMillisUnsafe() + Duration.toMillis(after), passed }
          deadlines.add(deadline)
          if (deadline.at < wakeAt) {
            wakeAt = deadline.at
            isSooner.openUnsafe()
          }
          return () => void deadlines.delete(deadline)
        }
      })
    })
  )
}
