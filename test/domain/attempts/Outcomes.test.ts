import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { LeaseManager } from "../../../src/domain/attempts/LeaseManager.ts"
import { Outcomes } from "../../../src/domain/attempts/Outcomes.ts"
import { cancellation, findOne, renewal } from "../../stores/StoreKit.ts"
import { finish, holdingOf, pass, type Repo, start, world } from "../support/world.ts"

/** A store in which a cancellation comes in just before the first end of an attempt. */
const cancelledMeanwhile = () => {
  let isFirst = true
  return world({
    change: (repo) => ({
      end: (batch) =>
        Effect.suspend(() => {
          if (!isFirst) return repo.end(batch)
          isFirst = false
          const cancellations = batch.map(({ job }) => cancellation(job, Duration.seconds(10)))
          return Effect.andThen(repo.cancel(cancellations), repo.end(batch))
        })
    })
  })
}

describe("Outcomes", () => {
  it.effect("records a result for the worker that holds the attempt, once", () =>
    Effect.gen(function* () {
      const outcomes = yield* Outcomes
      const { attempt, job } = yield* start({ type: "a" })
      const success = { job: job.id, attempt: attempt.id, worker: "worker", result: 1 }
      const [byOther, byWorker, repeated] = yield* outcomes.succeed([
        { ...success, worker: "other" },
        success,
        success
      ])
      assert.deepStrictEqual([byOther, byWorker?.status, repeated], [null, "done", null])
      assert.deepStrictEqual(yield* outcomes.succeed([success]), [null])
    }).pipe(Effect.provide(world()))
  )

  it.effect("concludes nothing of a job without an attempt, or with one that is over", () =>
    Effect.gen(function* () {
      const outcomes = yield* Outcomes
      const job = yield* findOne((yield* start({ type: "a" })).job.id)
      assert.isNull(yield* outcomes.conclude({ ...job, attempt: null }, { _tag: "Released" }))
      assert.strictEqual((yield* outcomes.conclude(job, { _tag: "Released" }))?.status, "pending")
      assert.isNull(yield* outcomes.conclude(job, { _tag: "Released" }))
    }).pipe(Effect.provide(world()))
  )

  it.effect("releases a job that is cancelled at the same time: it does not come back", () =>
    Effect.gen(function* () {
      const outcomes = yield* Outcomes
      const { job } = yield* start({ type: "a" })
      yield* outcomes.release(job)
      const released = yield* findOne(job.id)
      assert.deepStrictEqual([released.status, released.attempt?.outcome], ["cancelled", "released"])
    }).pipe(Effect.provide(cancelledMeanwhile()))
  )

  it.effect("does not try again a job whose failure crossed its cancellation", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      yield* boss.finish(holdingOf(claimed), {
        _tag: "Failed",
        error: null,
        retryable: true,
        retryIn: null
      })
      assert.strictEqual((yield* findOne(claimed.job.id)).status, "cancelled")
    }).pipe(Effect.provide(cancelledMeanwhile()))
  )

  it.effect("leaves a job alone that ended before it could be released", () =>
    Effect.gen(function* () {
      const outcomes = yield* Outcomes
      const claimed = yield* start({ type: "a" })
      yield* finish(claimed)
      yield* outcomes.release(claimed.job)
      assert.strictEqual((yield* findOne(claimed.job.id)).status, "done")
    }).pipe(Effect.provide(world()))
  )

  // The worker gives a sign of life between the look for overdue attempts and their end.
  const aliveMeanwhile = (repo: Repo): Partial<Repo> => ({
    overdue: (limit) =>
      Effect.tap(repo.overdue(limit), ({ done }) =>
        repo.renew(
          done.flatMap(({ job }) => (job.attempt === null ? [] : [renewal({ job, attempt: job.attempt })]))
        )
      )
  })
  it.effect("spares an attempt that has given a sign of life meanwhile", () =>
    Effect.gen(function* () {
      const leases = yield* LeaseManager
      const { job } = yield* start({ type: "a", lease: Duration.seconds(10) })
      yield* pass("10 seconds")
      assert.strictEqual((yield* leases.endOverdue).count, 1)
      assert.strictEqual((yield* findOne(job.id)).status, "processing")
    }).pipe(Effect.provide(world({ change: aliveMeanwhile })))
  )
})
