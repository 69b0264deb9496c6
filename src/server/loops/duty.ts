/** What all background duties have in common: they sleep until something is due, and are never late because of it. */
import { Clock, Duration, Effect, Latch } from "effect"
import { Deadlines } from "../../domain/Deadlines.ts"
import { EventHub } from "../../domain/events/EventHub.ts"
import type { Happening } from "../../domain/jobs/Happening.ts"
import type { ChangedJob } from "../../domain/jobs/Job.ts"
import { persevere } from "../../domain/Perseverance.ts"

/** Another server may have died with something due that only it knew of: so often does a duty look by itself. */
const usualBackstop = Duration.seconds(5)

/** The rest when something is due that others are just doing. */
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
  readonly dueAfter: (job: ChangedJob, happening: Happening) => Duration.Duration | null
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

  yield* hub.listen((jobs, happening) => {
    for (const job of jobs) {
      const wait = duty.dueAfter(job, happening)
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
    const { count, next } = yield* persevere(duty.name, duty.step)
    const wait = Duration.min(next ?? backstop, backstop)
    wakeWithin(count === 0 ? Duration.max(wait, rest) : wait)
    yield* isDue.await
  }
})
