/** What people decide about jobs: to cancel and to retry them. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import {
  assertSameJob,
  cancellation,
  claim,
  end,
  failOne,
  findOne,
  first,
  insertOne,
  newJobId,
  newSlots,
  plain,
  plenty,
  present,
  progressWrite,
  sourceOf,
  startAgain,
  startOne,
  type Suite,
  transition,
  claimOf
} from "./StoreKit.ts"

export const deciding = ({ advance, it }: Suite): void => {
  it.effect("cancels a waiting job at once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const jobs = [yield* insertOne(), yield* insertOne({ delay: Duration.hours(1) })]
      yield* advance(3)
      for (const job of jobs) {
        const expected = {
          ...job,
          status: "cancelled" as const,
          reason: "cancelled" as const,
          cancelRequest: { by: null, reason: null },
          version: 2,
          finishedAt: DateTime.addDuration(job.createdAt, 3)
        }
        const cancelled = first(yield* repo.cancel([cancellation(job.id, Duration.seconds(10))]))
        assertSameJob(cancelled, expected)
        assertSameJob(yield* findOne(job.id), expected)
        assert.deepStrictEqual(yield* claim([sourceOf(job)], newSlots(1)), [])
      }
    })
  )

  it.effect("gives a running attempt its grace, which a second wish does not extend", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const { attempt, job } = yield* startOne()
      yield* advance(3)
      const request = { by: "boss", reason: "no longer \u0000 needed" }
      const cancel = Effect.map(repo.cancel([cancellation(job.id, Duration.seconds(10), request)]), first)
      const cancelAt = DateTime.addDuration(attempt.startedAt, 10_003)
      const expected = { ...job, cancelRequest: request, attempt: { ...attempt, cancelAt } }
      assertSameJob(yield* cancel, expected)
      yield* advance(3)
      assertSameJob(yield* cancel, expected)
      assertSameJob(yield* findOne(job.id), expected)
      const second = { by: "someone else", reason: "too late" }
      assertSameJob(first(yield* repo.cancel([cancellation(job.id, Duration.zero, second)])), expected)
    })
  )

  it.effect("cancels in the order of the batch, and neither the unknown nor the finished", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const failed = yield* failOne()
      const waiting = yield* insertOne()
      const running = yield* startOne()
      const done = present(yield* end(yield* startOne(), transition("done")))
      const answers = yield* repo.cancel(
        [running.job.id, failed.id, waiting.id, newJobId(), done.id].map((job) =>
          cancellation(job, Duration.seconds(1))
        )
      )
      assert.deepStrictEqual(
        answers.map((job) => job && [job.id, job.status]),
        [[running.job.id, "processing"], null, [waiting.id, "cancelled"], null, null]
      )
      assert.deepStrictEqual(yield* repo.cancel([cancellation(waiting.id, Duration.zero)]), [null])
      assertSameJob(yield* findOne(failed.id), failed)
      assertSameJob(yield* findOne(done.id), done)
      assert.deepStrictEqual(yield* repo.cancel([]), [])
    })
  )

  it.effect("cancels a job either before it is given to a worker or after, with both at once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      for (let round = 0; round < 10; round++) {
        const job = yield* insertOne()
        const [given, cancelled] = yield* Effect.all(
          [
            repo.claim(claimOf([sourceOf(job)], newSlots(1))),
            repo.cancel([cancellation(job.id, Duration.seconds(1))])
          ],
          { concurrency: "unbounded" }
        )
        const told = present(first(cancelled))
        const kept = yield* findOne(job.id)
        if (given.jobs.length === 0) {
          assert.deepStrictEqual([kept.status, kept.version], ["cancelled", 2])
          assert.strictEqual(told.status, "cancelled")
        } else {
          assert.deepStrictEqual([kept.status, kept.version], ["processing", 2])
          assert.notStrictEqual(present(kept.attempt).cancelAt, null)
          assert.strictEqual(told.attempt?.id, kept.attempt?.id)
        }
      }
    })
  )

  it.effect("begins a failed job anew, and keeps what that undid", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne({ job: { expiresIn: Duration.hours(1) } })
      const lost = present(yield* end(one, transition("lost")))
      const two = yield* startAgain(lost)
      yield* repo.recordProgress([progressWrite(two, 0, { checkpoint: "here" })])
      const failed = present(yield* end(two, transition("failed")))
      yield* advance(500)
      const now = DateTime.addDuration(one.job.createdAt, 500)
      const retried = first(yield* repo.retry([failed.id]))
      assertSameJob(retried, {
        ...failed,
        status: "pending",
        version: failed.version + 1,
        runAt: now,
        startedAt: null,
        finishedAt: null,
        expiresAt: DateTime.add(now, { hours: 1 }),
        attempts: 0,
        failures: 0,
        losses: 0
      })
      assertSameJob(yield* findOne(failed.id), retried)
      const { job, retries } = present(yield* repo.history(failed.id))
      assertSameJob(job, retried)
      assert.deepStrictEqual(
        retries.map(({ at, undone, version }) => [
          version,
          DateTime.toEpochMillis(at),
          undone.status,
          undone.reason,
          DateTime.toEpochMillis(present(undone.finishedAt))
        ]),
        [[6, DateTime.toEpochMillis(now), "failed", null, DateTime.toEpochMillis(present(failed.finishedAt))]]
      )
      const again = yield* startAgain(present(retried))
      assert.deepStrictEqual([again.attempt.number, again.attempt.checkpoint], [1, "here"])
    })
  )

  it.effect(
    "gives everybody who has failed or lost a job a new chance by a retry, and then counts anew",
    () =>
      Effect.gen(function* () {
        const repo = yield* JobRepo
        const { id } = yield* insertOne()
        const start = (worker: string) => Effect.flatMap(findOne(id), (job) => startAgain(job, { worker }))
        const scoreOf = (worker: string) =>
          Effect.flatMap(start(worker), (claimed) =>
            Effect.as(end(claimed, transition("released")), claimed.attempt.score)
          )
        yield* end(yield* start("one"), transition("lost"))
        assert.deepStrictEqual([yield* scoreOf("one"), yield* scoreOf("two")], [0.57, 0.88])
        yield* end(yield* start("two"), transition("failed"))
        yield* repo.retry([id])
        assert.deepStrictEqual([yield* scoreOf("one"), yield* scoreOf("two")], [0.88, 0.88])
        yield* end(yield* start("two"), transition("lost"))
        assert.deepStrictEqual([yield* scoreOf("one"), yield* scoreOf("two")], [0.88, 0.57])
      })
  )

  it.effect("retries cancelled and expired jobs too, as often as asked", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const job = yield* insertOne({ delay: Duration.hours(1), expiresIn: Duration.millis(10) })
      const request = { by: "boss", reason: "a mistake" }
      yield* repo.cancel([cancellation(job.id, Duration.zero, request)])
      const once = present(first(yield* repo.retry([job.id])))
      assert.deepStrictEqual(
        [once.status, once.reason, once.cancelRequest, once.version],
        ["pending", null, null, 3]
      )
      yield* advance(10)
      yield* repo.expire(plenty)
      const expired = yield* findOne(job.id)
      assert.deepStrictEqual([expired.status, expired.reason, expired.version], ["failed", "expired", 4])
      const twice = present(first(yield* repo.retry([job.id])))
      assert.deepStrictEqual([twice.status, twice.reason, twice.version], ["pending", null, 5])
      const { retries } = present(yield* repo.history(job.id))
      assert.deepStrictEqual(
        retries.map(({ undone, version }) => [version, undone.status, undone.reason, undone.cancelRequest]),
        [
          [3, "cancelled", "cancelled", request],
          [5, "failed", "expired", null]
        ]
      )
    })
  )

  it.effect("retries in the order of the batch, and nothing that has not failed", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two] = [yield* failOne(), yield* failOne()]
      const done = present(yield* end(yield* startOne(), transition("done")))
      const pending = yield* insertOne()
      const scheduled = yield* insertOne({ delay: Duration.hours(1) })
      const { job: running } = yield* startOne()
      const untouched = [done, pending, scheduled, running]
      const answers = yield* repo.retry([two, ...untouched, one].map(({ id }) => id).concat(newJobId()))
      assert.deepStrictEqual(
        answers.map((job) => job && [job.id, job.status]),
        [[two.id, "pending"], null, null, null, null, [one.id, "pending"], null]
      )
      const found = yield* repo.find(untouched.map(({ id }) => id))
      assert.deepStrictEqual(found.map(plain), untouched.map(plain))
      assert.deepStrictEqual(yield* repo.retry([one.id]), [null])
      assert.deepStrictEqual(yield* repo.retry([]), [])
    })
  )

  it.effect("takes a wish once, though a batch names its job twice", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const waiting = yield* insertOne()
      const wish = cancellation(waiting.id, Duration.zero)
      const cancelled = yield* repo.cancel([wish, wish])
      assert.strictEqual(cancelled.filter((job) => job !== null).length, 1)
      const retried = yield* repo.retry([waiting.id, waiting.id])
      assert.strictEqual(retried.filter((job) => job !== null).length, 1)
      assert.strictEqual((yield* findOne(waiting.id)).version, 3)
      assert.strictEqual(present(yield* repo.history(waiting.id)).retries.length, 1)
    })
  )

  it.effect("takes one of many concurrent wishes", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const jobs = [yield* failOne(), yield* failOne(), yield* failOne()].map(({ id }) => id)
      const orders = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? jobs : jobs.toReversed()))
      const retried = yield* Effect.forEach(orders, repo.retry, { concurrency: "unbounded" })
      const cancelled = yield* Effect.forEach(
        orders,
        (order) => repo.cancel(order.map((job) => cancellation(job, Duration.zero))),
        { concurrency: "unbounded" }
      )
      for (const answers of [retried, cancelled]) {
        const told = answers.flat().flatMap((job) => (job === null ? [] : [job.id]))
        assert.deepStrictEqual(told.toSorted(), jobs.toSorted())
      }
    })
  )
}
