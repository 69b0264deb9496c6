/** Whether jobs come to those who wait for them: by a clock, by what somebody decides, and by room under a limit. */
import { Duration, Effect } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { BulkActions } from "../../../src/domain/jobs/BulkActions.ts"
import { impossible, type Probe, second } from "./Prober.ts"

/** A scheduled job is given when it is due. */
export const scheduled: Probe = Effect.fnUntraced(function* (prober) {
  const worker = yield* prober.worker()
  yield* prober.rest
  const job = yield* prober.submit({ delay: Duration.millis(second) })
  yield* prober.expectGiven(job, second)
  yield* worker.finish()
})

/** A job that nobody could do is given when somebody can. */
export const amended: Probe = Effect.fnUntraced(function* (prober) {
  const job = yield* prober.submit({ constraints: [prober.onlyOurs, impossible] })
  const worker = yield* prober.worker()
  yield* prober.rest
  yield* prober.ask(
    "amend",
    Effect.flatMap(Boss, (boss) => boss.amend(job, prober.caller, { constraints: [prober.onlyOurs] }))
  )
  yield* prober.expectGiven(job)
  yield* worker.finish()
})

/** A job that nobody can do as it should be done is given when that is only a wish any more. */
export const relaxed: Probe = Effect.fnUntraced(function* (prober) {
  const worker = yield* prober.worker()
  yield* prober.rest
  const job = yield* prober.submit({
    constraints: [prober.onlyOurs, { ...impossible, relaxAfter: 2 * second }]
  })
  yield* prober.expectGiven(job, 2 * second)
  yield* worker.finish()
})

/** A job that is kept for a better worker is given to another when the patience is over. */
export const kept: Probe = Effect.fnUntraced(function* (prober) {
  const patience = Duration.millis(2 * second)
  yield* prober.setPolicy({ patience }, (policy) => Duration.equals(policy.patience, patience))
  const better = yield* prober.worker({ good: true })
  const before = yield* prober.submit()
  yield* prober.expectGiven(before)
  yield* better.finish()
  const worker = yield* prober.worker()
  yield* prober.rest
  const job = yield* prober.submit({
    constraints: [prober.onlyOurs, { skill: "good", op: "exists", weight: 1 }]
  })
  yield* prober.expectGiven(job, 2 * second)
  yield* worker.finish()
  yield* prober.removePolicy((policy) => Duration.isZero(policy.patience))
})

/** A failed job that is retried together with others is given at once. */
export const retriedInBulk: Probe = Effect.fnUntraced(function* (prober) {
  const job = yield* prober.submit({ maxAttempts: 1 })
  const worker = yield* prober.worker()
  yield* worker.finish({ _tag: "Failed", error: null, retryable: false, retryIn: null })
  const next = yield* prober.worker()
  yield* prober.rest
  yield* prober.ask(
    "retry in bulk",
    Effect.flatMap(BulkActions, (actions) =>
      actions.ask({ action: "retry", filter: { type: prober.type } }, null)
    )
  )
  yield* prober.expectGiven(job)
  yield* next.finish()
})

/** Of two jobs one is under way, and the other waits for room: it is given as soon as there is some. */
const behindLimit = (roomBy: "the end" | "a higher limit"): Probe =>
  Effect.fnUntraced(function* (prober) {
    yield* prober.setPolicy({ concurrency: 1 }, ({ concurrency }) => concurrency === 1)
    const jobs = [yield* prober.submit(), yield* prober.submit()]
    const worker = yield* prober.worker()
    const given = (yield* worker.job).job.id
    const next = yield* prober.worker()
    yield* prober.rest
    if (roomBy === "the end") yield* worker.finish()
    else yield* prober.setPolicy({ concurrency: 2 }, ({ concurrency }) => concurrency === 2)
    for (const job of jobs) if (job !== given) yield* prober.expectGiven(job)
    if (roomBy !== "the end") yield* worker.finish()
    yield* next.finish()
    yield* prober.removePolicy(({ concurrency }) => concurrency === null)
  })

export const room = behindLimit("the end")
export const raisedLimit = behindLimit("a higher limit")
