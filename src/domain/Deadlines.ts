/** Timers for many waits, such as those of long polls and of request bodies, which all share one sleeping fiber. */
import { Clock, Context, Duration, Effect, Fiber, Layer } from "effect"

interface Deadline {
  /** In nanoseconds of the monotonic clock: a deadline does not move when the time of day is set. */
  readonly at: bigint
  readonly passed: () => void
}

export class Deadlines extends Context.Service<
  Deadlines,
  {
    /** Calls `passed` once after this time. The function that is returned cancels that. */
    readonly set: (after: Duration.Duration, passed: () => void) => () => void
  }
>()("lazyboss/domain/Deadlines") {
  static readonly layer = Layer.effect(
    Deadlines,
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      // Deadlines of one length pass in the order in which they were set, so that only the first of each length is looked at.
      // There are few lengths.
      const byLength = new Map<bigint, Set<Deadline>>()
      const run = Effect.runForkWith(yield* Effect.context<never>())
      /** When the sleeper wakes; null if nobody waits. */
      let wakeAt: bigint | null = null
      let sleeper: Fiber.Fiber<void> | null = null
      let isAwake = false
      let isClosed = false

      const takePassed = (now: bigint): ReadonlyArray<Deadline> => {
        const taken: Array<Deadline> = []
        wakeAt = null
        for (const [length, deadlines] of byLength) {
          for (const deadline of deadlines) {
            if (deadline.at > now) {
              if (wakeAt === null || deadline.at < wakeAt) wakeAt = deadline.at
              break
            }
            deadlines.delete(deadline)
            taken.push(deadline)
          }
          if (deadlines.size === 0) byLength.delete(length)
        }
        return taken
      }

      const call = ({ passed }: Deadline) =>
        Effect.catchCause(Effect.sync(passed), (cause) =>
          Effect.logError("what was to be done at a deadline failed", cause)
        )

      const sleep = Effect.suspend(() =>
        wakeAt === null
          ? Effect.void
          : Effect.sleep(Duration.nanos(wakeAt - clock.monotonicTimeNanosUnsafe()))
      )

      const callPassed = Effect.suspend(() => {
        isAwake = true
        return Effect.forEach(takePassed(clock.monotonicTimeNanosUnsafe()), call, { discard: true })
      })

      const keepWatch = Effect.gen(function* () {
        while (wakeAt !== null) {
          isAwake = false
          yield* sleep
          yield* callPassed
        }
        isAwake = false
        sleeper = null
      })

      // Who sleeps until something else is let go; who is awake looks at all there is before it sleeps again.
      const wakeSooner = (at: bigint) => {
        wakeAt = at
        if (isAwake || isClosed) return
        sleeper?.interruptUnsafe()
        sleeper = run(keepWatch)
      }

      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          isClosed = true
          return sleeper === null ? Effect.void : Fiber.interrupt(sleeper)
        })
      )

      return Deadlines.of({
        set: (after, passed) => {
          const length = Duration.toNanosUnsafe(after)
          const deadline = { at: clock.monotonicTimeNanosUnsafe() + length, passed }
          const alike = byLength.get(length)
          if (alike === undefined) byLength.set(length, new Set([deadline]))
          else alike.add(deadline)
          if (wakeAt === null || deadline.at < wakeAt) wakeSooner(deadline.at)
          return () => void byLength.get(length)?.delete(deadline)
        }
      })
    })
  )
}
