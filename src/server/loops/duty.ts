/** The loop of a background duty: it sleeps until something is due, until news that something is due sooner, or to its backstop. */
import { Clock, Duration, Effect, Latch } from "effect"
import { Deadlines } from "../../domain/Deadlines.ts"
import { EventHub } from "../../domain/events/EventHub.ts"
import type { JobChange } from "../../domain/jobs/JobChange.ts"
import type { ChangedJob } from "../../domain/jobs/Job.ts"
import { retryForever } from "../../domain/retryForever.ts"

/** How often a duty looks without news, for the server that knew of something due may have died. */
export const usualBackstop = Duration.seconds(5)

/** The pause when something was due and nothing was done, because another server is just doing it. */
const rest = Duration.millis(20)

export interface Duty {
  readonly name: string
  /** How often it looks by itself; every five seconds unless this says otherwise. */
  readonly backstop?: Duration.Duration
  /** Does a batch of what is due. `next` is the time until more is due, null if nothing is known. */
  readonly step: Effect.Effect<{ readonly count: number; readonly next: Duration.Duration | null }>
  /** Waits until something is due at once of which no job tells. */
  readonly called?: Effect.Effect<void>
  /** How soon after this happened to a job the duty may have to act on it, or null. */
  readonly dueAfter: (job: ChangedJob, change: JobChange) => Duration.Duration | null
}

/** Runs a duty for ever: whenever something is due, as soon as news of it come, and at the backstop. */
export const run = Effect.fnUntraced(function* (duty: Duty) {
  const backstop = duty.backstop ?? usualBackstop
  const hub = yield* EventHub
  const deadlines = yield* Deadlines
  const clock = yield* Clock.Clock
  const isDue = yield* Latch.make(false)
  /** When it is to look, by the clock that is never set, and what calls that off. */
  let planned: { readonly at: bigint; readonly callOff: () => void } | null = null

  const wakeWithin = (wait: Duration.Duration) => {
    const at = clock.monotonicTimeNanosUnsafe() + Duration.toNanosUnsafe(wait)
    if (planned !== null && planned.at <= at) return
    planned?.callOff()
    planned = { at, callOff: deadlines.set(wait, () => void isDue.openUnsafe()) }
  }

  yield* hub.listen((jobs, change) => {
    for (const job of jobs) {
      const wait = duty.dueAfter(job, change)
      if (wait !== null) wakeWithin(wait)
    }
  })

  if (duty.called !== undefined) {
    const wake = Effect.andThen(
      duty.called,
      Effect.sync(() => wakeWithin(Duration.zero))
    )
    yield* Effect.forkScoped(Effect.forever(wake))
  }

  while (true) {
    // News that come while the step is under way must not be forgotten for it.
    planned = null
    isDue.closeUnsafe()
    const { count, next } = yield* retryForever(duty.name, duty.step)
    const wait = Duration.min(next ?? backstop, backstop)
    wakeWithin(count === 0 ? Duration.max(wait, rest) : wait)
    yield* isDue.await
  }
})
