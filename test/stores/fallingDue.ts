/** What a store finds due as time goes on. Jobs of other tests may be due as well. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { Due } from "../../src/domain/Due.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { keyLifetime } from "../../src/domain/jobs/Submission.ts"
import type { JobId } from "../../src/domain/Identifiers.ts"
import {
  cancellation,
  assertSameAttempt,
  assertSameJob,
  end,
  findOne,
  first,
  insertOne,
  newJob,
  newName,
  plenty,
  present,
  renewal,
  startOne,
  submission,
  type Suite,
  transition
} from "./StoreKit.ts"

const millisToNext = ({ next }: Due<unknown>): number => Duration.toMillis(present(next))

const idsAmong = (ids: ReadonlyArray<JobId>, found: ReadonlyArray<{ readonly id: JobId }>) =>
  found.flatMap(({ id }) => (ids.includes(id) ? [id] : []))

// So that what a test makes due next is the next in the whole store.
const endAllOverdue = Effect.gen(function* () {
  const repo = yield* JobRepo
  const { done } = yield* repo.overdue(plenty)
  for (const { job } of done) yield* end({ job, attempt: present(job.attempt) }, transition("cancelled"))
})

export const fallingDue = ({ advance, it }: Suite): void => {
  it.effect.each([
    ["lease", { lease: Duration.millis(2) }],
    ["maxRun", { maxRun: Duration.millis(2) }],
    ["pickup", { pickup: Duration.millis(2) }],
    ["cancelGrace", {}]
  ] as const)("finds an attempt overdue when its %s has run out, not earlier", ([clock, clocks]) =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* endAllOverdue
      const { job } = yield* startOne({ clocks })
      if (clock === "cancelGrace") yield* repo.cancel([cancellation(job.id, Duration.millis(2))])
      const mine = Effect.map(repo.overdue(plenty), (due) => ({
        due,
        found: due.done.filter((overdue) => overdue.job.id === job.id)
      }))
      const early = yield* mine
      assert.deepStrictEqual(early.found, [])
      assert.isAbove(millisToNext(early.due), 0)
      assert.isAtMost(millisToNext(early.due), 2)
      yield* advance(1)
      const nearly = yield* mine
      assert.deepStrictEqual(nearly.found, [])
      assert.strictEqual(millisToNext(nearly.due), 1)
      yield* advance(1)
      const { due, found } = yield* mine
      assert.strictEqual(first(found).clock, clock)
      assertSameJob(first(found).job, yield* findOne(job.id))
      assert.isTrue(due.next === null || millisToNext(due) > 0)
    })
  )

  it.effect("blames the clock that the domain blames when several have run out", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const millis = Duration.millis(1)
      const pickupAndLease = yield* startOne({ clocks: { pickup: millis, lease: millis } })
      const allButGrace = yield* startOne({ clocks: { pickup: millis, lease: millis, maxRun: millis } })
      const all = yield* startOne({ clocks: { pickup: millis, lease: millis, maxRun: millis } })
      yield* repo.cancel([cancellation(all.job.id, millis)])
      yield* advance(1)
      const { done } = yield* repo.overdue(plenty)
      const clockOf = (id: JobId) => done.find(({ job }) => job.id === id)?.clock
      assert.strictEqual(clockOf(pickupAndLease.job.id), "pickup")
      assert.strictEqual(clockOf(allButGrace.job.id), "maxRun")
      assert.strictEqual(clockOf(all.job.id), "cancelGrace")
    })
  )

  it.effect("finds the oldest overdue first, no more than asked, and says that there are more", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* endAllOverdue
      const claimed = yield* Effect.forEach([3, 1, 2, 4], (millis) =>
        startOne({ clocks: { lease: Duration.millis(millis) } })
      )
      const [third, one, two, notYet] = claimed.map(({ job }) => job.id)
      yield* advance(3)
      const mine = claimed.map(({ job }) => job.id)
      const all = yield* repo.overdue(plenty)
      assert.deepStrictEqual(
        idsAmong(
          mine,
          all.done.map(({ job }) => job)
        ),
        [one, two, third]
      )
      assert.strictEqual(millisToNext(all), 1)
      const some = yield* repo.overdue(all.done.length - 1)
      assert.strictEqual(some.done.length, all.done.length - 1)
      assert.notInclude(
        some.done.map(({ job }) => job.id),
        third
      )
      assert.strictEqual(millisToNext(some), 0)
      assert.notInclude(
        all.done.map(({ job }) => job.id),
        notYet
      )
    })
  )

  it.effect("finds neither ended nor renewed attempts overdue", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const clocks = { lease: Duration.millis(10) }
      const ended = yield* startOne({ clocks })
      const renewed = yield* startOne({ clocks: { ...clocks, pickup: Duration.millis(10) } })
      yield* advance(9)
      yield* end(ended, transition("released"))
      yield* repo.renew([renewal(renewed)])
      yield* advance(9)
      const { done } = yield* repo.overdue(plenty)
      assert.deepStrictEqual(
        idsAmong(
          [ended.job.id, renewed.job.id],
          done.map(({ job }) => job)
        ),
        []
      )
    })
  )

  it.effect("promotes a scheduled job when its time has come, not earlier", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.promote(plenty)
      const job = yield* insertOne({ delay: Duration.millis(2) })
      const early = yield* repo.promote(plenty)
      assert.isAtMost(millisToNext(early), 2)
      assert.isAbove(millisToNext(early), 0)
      yield* advance(1)
      const nearly = yield* repo.promote(plenty)
      assert.deepStrictEqual(idsAmong([job.id], nearly.done), [])
      assert.strictEqual(millisToNext(nearly), 1)
      assertSameJob(yield* findOne(job.id), job)
      yield* advance(1)
      const { done } = yield* repo.promote(plenty)
      const expected = { ...job, status: "pending" as const, version: 2 }
      assertSameJob(present(done.find(({ id }) => id === job.id)), expected)
      assertSameJob(yield* findOne(job.id), expected)
      assert.deepStrictEqual(idsAmong([job.id], (yield* repo.promote(plenty)).done), [])
    })
  )

  it.effect("promotes the oldest first and no more than asked, and says that there are more", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.promote(plenty)
      const later = yield* insertOne({ delay: Duration.millis(2) })
      const sooner = yield* insertOne({ delay: Duration.millis(1) })
      yield* advance(2)
      const one = yield* repo.promote(1)
      assert.strictEqual(one.done.length, 1)
      assert.strictEqual(millisToNext(one), 0)
      assert.strictEqual((yield* findOne(later.id)).status, "scheduled")
      const rest = yield* repo.promote(plenty)
      assert.deepStrictEqual(idsAmong([sooner.id, later.id], [...one.done, ...rest.done]), [
        sooner.id,
        later.id
      ])
    })
  )

  it.effect("promotes a job once, with many promoting at once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const jobs = yield* Effect.all(
        Array.from({ length: 30 }, () => insertOne({ delay: Duration.millis(1) }))
      )
      yield* advance(1)
      const ids = jobs.map(({ id }) => id)
      const answers = yield* Effect.forEach(Array.from({ length: 8 }), () => repo.promote(7), {
        concurrency: "unbounded"
      })
      const rest = yield* repo.promote(plenty)
      const promoted = idsAmong(ids, [...answers.flatMap(({ done }) => done), ...rest.done])
      assert.deepStrictEqual(promoted.toSorted(), ids)
      for (const job of yield* repo.find(ids)) assert.strictEqual(job?.version, 2)
    })
  )

  it.effect("fails waiting jobs that have expired, not earlier", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.expire(plenty)
      const expiresIn = Duration.millis(2)
      const jobs = [
        yield* insertOne({ expiresIn }),
        yield* insertOne({ expiresIn, delay: Duration.hours(1) }),
        yield* insertOne({ expiresIn, delay: Duration.millis(2) })
      ]
      const ids = jobs.map(({ id }) => id)
      yield* advance(1)
      const nearly = yield* repo.expire(plenty)
      assert.deepStrictEqual(idsAmong(ids, nearly.done), [])
      assert.strictEqual(millisToNext(nearly), 1)
      yield* advance(1)
      const { done } = yield* repo.expire(plenty)
      for (const job of jobs) {
        const expected = {
          ...job,
          status: "failed" as const,
          reason: "expired" as const,
          version: 2,
          finishedAt: DateTime.addDuration(job.createdAt, 2)
        }
        assertSameJob(present(done.find(({ id }) => id === job.id)), expected)
        assertSameJob(yield* findOne(job.id), expected)
      }
      assert.deepStrictEqual(idsAmong(ids, (yield* repo.expire(plenty)).done), [])
    })
  )

  it.effect("fences off the attempt at an expired job, and charges nothing", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne({ job: { expiresIn: Duration.millis(10) } })
      yield* advance(10)
      yield* repo.expire(plenty)
      const finishedAt = DateTime.addDuration(one.job.createdAt, 10)
      const attempt = {
        ...one.attempt,
        endedAt: finishedAt,
        outcome: "timed-out" as const,
        endedVersion: 3
      }
      assertSameJob(yield* findOne(one.job.id), {
        ...one.job,
        status: "failed",
        reason: "expired",
        version: 3,
        finishedAt,
        attempt
      })
      assertSameAttempt(yield* repo.findAttempt(one.job.id, one.attempt.id), attempt)
      assert.strictEqual(yield* end(one, transition("done")), null)
      assert.deepStrictEqual(yield* repo.renew([renewal(one)]), [null])
    })
  )

  it.effect("leaves the last attempt of a waiting job that expires as it ended", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne({ job: { expiresIn: Duration.millis(10) } })
      const retrying = present(yield* end(one, transition("retrying")))
      yield* advance(10)
      yield* repo.expire(plenty)
      const expired = yield* findOne(one.job.id)
      assert.deepStrictEqual([expired.status, expired.reason], ["failed", "expired"])
      assertSameAttempt(expired.attempt, retrying.attempt)
    })
  )

  it.effect("does not expire finished jobs", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne({ job: { expiresIn: Duration.millis(10) } })
      const done = yield* end(one, transition("done"))
      yield* advance(10)
      yield* repo.expire(plenty)
      assertSameJob(yield* findOne(one.job.id), done)
    })
  )

  it.effect("expires the oldest first and no more than asked, and says that there are more", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.expire(plenty)
      const later = yield* insertOne({ expiresIn: Duration.millis(2) })
      const sooner = yield* startOne({ job: { expiresIn: Duration.millis(1) } })
      yield* advance(2)
      const one = yield* repo.expire(1)
      assert.strictEqual(one.done.length, 1)
      assert.strictEqual(millisToNext(one), 0)
      assert.strictEqual((yield* findOne(later.id)).status, "pending")
      const rest = yield* repo.expire(plenty)
      assert.deepStrictEqual(idsAmong([sooner.job.id, later.id], [...one.done, ...rest.done]), [
        sooner.job.id,
        later.id
      ])
    })
  )

  it.effect("forgets keys that are older than their lifetime, the oldest first", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [old, young] = [newName("key"), newName("key")]
      const use = (key: string) => repo.insert([submission([newJob()], { key, fingerprint: "f" })])
      yield* advance(keyLifetime)
      yield* advance(1)
      yield* repo.forgetKeys(plenty)
      yield* use(old)
      yield* advance(2)
      yield* use(young)
      yield* advance(Duration.toMillis(keyLifetime) - 3)
      assert.deepStrictEqual((yield* repo.forgetKeys(plenty)).done, [])
      yield* advance(2)
      assert.deepStrictEqual((yield* repo.forgetKeys(plenty)).done, [old])
      yield* advance(2)
      yield* use(old)
      const { done, next } = yield* repo.forgetKeys(1)
      assert.deepStrictEqual(done, [young])
      assert.isAtLeast(Duration.toMillis(present(next)), Duration.toMillis(keyLifetime))
      assert.strictEqual(first(yield* use(old))._tag, "Repeated")
    })
  )
}
