/** The past of a job as it is read must be the past that it had: told by a store over random lives of jobs. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { TestClock } from "effect/testing"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import { decide, type Report } from "../../../src/domain/attempts/Lifecycle.ts"
import { defaultPolicy, type Policy } from "../../../src/domain/policies/Policy.ts"
import { statesSince } from "../../../src/domain/jobs/Timeline.ts"
import { layer } from "../../../src/server/memory/MemoryStore.ts"
import {
  cancellation,
  claim,
  ending,
  findOne,
  insertOne,
  newSlot,
  plain,
  present,
  progressWrite,
  renewal,
  sourceOf
} from "../../stores/StoreKit.ts"

const policy: Policy = {
  ...defaultPolicy,
  maxAttempts: 2,
  maxLost: 2,
  backoff: { ...defaultPolicy.backoff, initial: Duration.millis(2), jitter: 0 }
}

const reports: ReadonlyArray<Report> = [
  { _tag: "Done", result: { ok: true } },
  { _tag: "Failed", error: "no", retryable: true, retryIn: null },
  { _tag: "Failed", error: "no", retryable: true, retryIn: Duration.zero },
  { _tag: "Failed", error: "never", retryable: false, retryIn: null },
  { _tag: "Released" },
  { _tag: "ClockRanOut", clock: "lease" },
  { _tag: "ClockRanOut", clock: "maxRun" },
  { _tag: "ClockRanOut", clock: "cancelGrace" }
]

const Step = Schema.Struct({
  // What a life is made of, more often than once where much depends on it.
  kind: Schema.Literals([
    ...(["claim", "claim", "claim", "report", "report", "retry", "retry"] as const),
    ...(["renew", "progress", "cancel", "promote", "promote", "expire"] as const),
    ...(["amend", "postpone"] as const)
  ]),
  report: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: reports.length - 1 })),
  millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
})
type Step = typeof Step.Type

const Birth = Schema.Struct({
  delay: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))),
  expiresIn: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })))
})

const liveAttemptOf = (job: JobRecord): ClaimedJob | null =>
  job.status === "processing" && job.attempt !== null ? { job, attempt: job.attempt } : null

const take = Effect.fnUntraced(function* (id: JobId, step: Step) {
  const repo = yield* JobRepo
  yield* TestClock.adjust(step.millis)
  const job = yield* findOne(id)
  const live = liveAttemptOf(job)
  switch (step.kind) {
    case "claim":
      return yield* claim([sourceOf(job, { pickup: Duration.millis(5) })], [newSlot()])
    case "report":
      return live === null
        ? []
        : yield* repo.end([ending(live, decide(job, present(reports[step.report]), policy, 0.5))])
    case "renew":
      return live === null ? [] : yield* repo.renew([renewal(live)])
    case "progress":
      return live === null
        ? []
        : yield* repo.recordProgress([
            progressWrite(live, live.attempt.mark, {
              events: [{ id: live.attempt.mark + 1, event: "x", data: "y" }],
              percent: step.millis,
              checkpoint: step.report
            })
          ])
    case "cancel":
      return yield* repo.cancel([cancellation(id, Duration.millis(step.millis), { by: `${step.report}` })])
    case "retry":
      return yield* repo.retry([id])
    case "amend":
      return yield* repo.amend([
        {
          job: id,
          amendment: { priority: step.report, ...(step.millis > 1 && { tags: [`${step.millis}`] }) }
        }
      ])
    case "postpone":
      return yield* repo.amend([
        { job: id, amendment: { runAt: DateTime.addDuration(job.createdAt, step.report * 5) } }
      ])
    case "promote":
      return (yield* repo.promote(10)).done
    case "expire":
      return (yield* repo.expire(10)).done
  }
})

// What changes while an attempt lives makes no version, and is told as it was last.
const withoutProgress = (job: JobRecord) =>
  plain(
    job.status !== "processing" || job.attempt === null
      ? job
      : {
          ...job,
          cancelRequest: null,
          attempt: {
            ...job.attempt,
            mark: 0,
            percent: null,
            message: null,
            checkpoint: null,
            leaseExpiresAt: job.attempt.startedAt,
            pickupBy: null,
            firstSignAt: null,
            cancelAt: null
          }
        }
  )

const millis = (length: number | null) => (length === null ? null : Duration.millis(length))

const live = Effect.fnUntraced(function* (birth: typeof Birth.Type, steps: ReadonlyArray<Step>) {
  const { id } = yield* insertOne({ delay: millis(birth.delay), expiresIn: millis(birth.expiresIn) })
  const recorded = [yield* findOne(id)]
  for (const step of steps) {
    yield* take(id, step)
    const job = yield* findOne(id)
    if (job.version === recorded.length) continue
    assert.strictEqual(job.version, recorded.length + 1, "one step makes one version")
    recorded.push(job)
  }
  return { id, recorded }
})

describe("statesSince", () => {
  it.effect.prop(
    "tells each state that a job has been in, once and in order",
    { birth: Birth, steps: Arbitrary.array(Arbitrary.schema(Step), { minLength: 1, maxLength: 40 }) },
    ({ birth, steps }) =>
      Effect.gen(function* () {
        const repo = yield* JobRepo
        const { id, recorded } = yield* live(birth, steps)
        const history = present(yield* repo.history(id))
        const expected = recorded.map(withoutProgress)
        for (let seen = 0; seen <= expected.length; seen++) {
          const told = statesSince(history, seen).map(withoutProgress)
          assert.deepStrictEqual(told, expected.slice(seen))
        }
      }).pipe(Effect.provide(layer)),
    { arbitrary: { runs: 1_000, seed: "the past", size: 100 } }
  )

  it.effect("tells the present state as it is, progress included", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const { id } = yield* insertOne()
      const step = { report: 0, millis: 1 } as const
      yield* take(id, { kind: "claim", ...step })
      yield* take(id, { kind: "progress", ...step })
      const history = present(yield* repo.history(id))
      const states = statesSince(history, 1)
      assert.deepStrictEqual(states, [history.job])
      assert.strictEqual(history.job.attempt?.percent, 1)
      assert.deepStrictEqual(statesSince(history, 2), [])
    }).pipe(Effect.provide(layer))
  )

  it.effect("tells of an attempt that is over as it began", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const { id } = yield* insertOne()
      for (const kind of ["claim", "progress", "cancel", "report"] as const) {
        yield* take(id, { kind, report: 1, millis: 1 })
      }
      const [, begun] = statesSince(present(yield* repo.history(id)), 0)
      const attempt = present(begun?.attempt)
      assert.deepStrictEqual(
        [attempt.endedAt, attempt.outcome, attempt.error, attempt.cancelAt, attempt.percent, attempt.mark],
        [null, null, null, null, null, 0]
      )
      assert.isTrue(DateTime.isDateTime(attempt.startedAt))
    }).pipe(Effect.provide(layer))
  )
})
