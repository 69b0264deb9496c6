/** How a store gives jobs to workers. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { largestAnswer } from "../../src/domain/Page.ts"
import {
  cancellation,
  assertAfter,
  assertSameAttempt,
  assertSameJob,
  claim,
  end,
  findClaimed,
  findOne,
  first,
  insert,
  insertOne,
  newGroup,
  newJob,
  newSlot,
  newSlots,
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

const has = (tag: string) => ({ tag, op: "exists" as const })
const lacks = (tag: string) => ({ tag, op: "absent" as const })

export const claiming = ({ advance, it }: Suite): void => {
  it.effect("begins an attempt with all its clocks", () =>
    Effect.gen(function* () {
      const before = yield* insertOne({ parameters: { n: 1 }, tags: ["t"] })
      yield* advance(25)
      const slot = newSlot({ worker: "w-1" })
      const { attempt, job } = first(
        yield* claim([sourceOf(before, { pickup: Duration.seconds(5) })], [slot])
      )
      const now = DateTime.addDuration(before.createdAt, 25)
      assertSameAttempt(attempt, {
        id: slot.attempt,
        job: before.id,
        number: 1,
        worker: "w-1",
        score: 0.88,
        runnersUp: [],
        startedAt: now,
        endedAt: null,
        outcome: null,
        lease: Duration.minutes(1),
        leaseExpiresAt: DateTime.add(now, { minutes: 1 }),
        firstSignAt: null,
        pickupBy: DateTime.add(now, { seconds: 5 }),
        maxRun: Duration.minutes(30),
        runUntil: DateTime.add(now, { minutes: 30 }),
        cancelAt: null,
        mark: 0,
        percent: null,
        message: null,
        checkpoint: null,
        result: null,
        error: null,
        nextRunAt: null,
        startedVersion: 2,
        endedVersion: null
      })
      assertSameJob(job, {
        ...before,
        status: "processing",
        version: 2,
        startedAt: now,
        attempts: 1,
        attempt
      })
      assertSameJob(yield* findOne(job.id), job)
    })
  )

  it.effect("takes the lease from the worker, else the job, else the policy, and never beyond maxRun", () =>
    Effect.gen(function* () {
      const minutes = Duration.minutes
      const clocks = { lease: minutes(3), maxRun: minutes(30) }
      const job = { lease: minutes(2) }
      const attempts = yield* Effect.all([
        startOne({ job, slot: { lease: minutes(1) }, clocks }),
        startOne({ job, clocks }),
        startOne({ clocks }),
        startOne({ slot: { lease: minutes(31) }, clocks }),
        startOne({ job: { maxRun: minutes(40) }, slot: { lease: minutes(31) }, clocks }),
        startOne({ job: { maxRun: minutes(2) }, clocks })
      ])
      assert.deepStrictEqual(
        attempts.map(({ attempt }) => [
          Duration.toMinutes(attempt.lease),
          Duration.toMinutes(attempt.maxRun),
          DateTime.toEpochMillis(attempt.leaseExpiresAt) - DateTime.toEpochMillis(attempt.startedAt),
          DateTime.toEpochMillis(attempt.runUntil) - DateTime.toEpochMillis(attempt.startedAt)
        ]),
        [
          [1, 30, 60_000, 1_800_000],
          [2, 30, 120_000, 1_800_000],
          [3, 30, 180_000, 1_800_000],
          [30, 30, 1_800_000, 1_800_000],
          [31, 40, 1_860_000, 2_400_000],
          [2, 2, 120_000, 120_000]
        ]
      )
    })
  )

  it.effect("gives by priority, then by the time since when jobs are due, then by id", () =>
    Effect.gen(function* () {
      const low = newGroup({ priority: -1 })
      const high = newGroup({ priority: 10 })
      const middle = newGroup()
      const other = newGroup({ priority: 99 })
      const early = yield* insert(newJob({ group: low }), newJob({ group: middle }))
      yield* advance(1)
      const [second, firstById] = [newJob({ group: middle }), newJob({ group: middle })].toReversed()
      const late = yield* insert(
        present(second),
        present(firstById),
        newJob({ group: high }),
        newJob({ group: low }),
        newJob({ group: other })
      )
      const [lowEarly, middleEarly] = early
      const [middleSecond, middleFirst, highLate, lowLate, notAsked] = late
      const sources = [lowEarly, middleEarly, highLate].map((job) => sourceOf(present(job)))
      const slots = newSlots(7)
      const given = yield* claim(sources, slots)
      assert.deepStrictEqual(
        given.map(({ job }) => job.id),
        [highLate, middleEarly, middleFirst, middleSecond, lowEarly, lowLate].map((job) => present(job).id)
      )
      assert.deepStrictEqual(
        given.map(({ attempt }) => attempt.id),
        slots.slice(0, 6).map(({ attempt }) => attempt)
      )
      assertSameJob(yield* findOne(present(notAsked).id), present(notAsked))
    })
  )

  it.effect("gives each job with the clocks of its own source, and to the worker of its slot", () =>
    Effect.gen(function* () {
      const high = yield* insertOne({ group: newGroup({ priority: 1 }) })
      const low = yield* insertOne()
      const given = yield* claim(
        [
          sourceOf(low, { lease: Duration.seconds(1), pickup: Duration.seconds(3) }),
          sourceOf(high, { lease: Duration.seconds(2) })
        ],
        [newSlot({ worker: "a" }), newSlot({ worker: "b", lease: Duration.seconds(9) })]
      )
      assert.deepStrictEqual(
        given.map(({ attempt, job }) => [
          job.id,
          attempt.worker,
          Duration.toSeconds(attempt.lease),
          attempt.pickupBy !== null
        ]),
        [
          [high.id, "a", 2, false],
          [low.id, "b", 9, true]
        ]
      )
    })
  )

  it.effect("gives no more than there are slots, and nothing without slots or sources", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(newJob({ group }), newJob({ group }), newJob({ group }))
      const source = sourceOf(first(jobs))
      assert.deepStrictEqual(yield* claim([source], []), [])
      assert.deepStrictEqual(yield* claim([], newSlots(1)), [])
      assert.strictEqual((yield* claim([source], newSlots(2))).length, 2)
      assert.strictEqual((yield* claim([source], newSlots(2))).length, 1)
      assert.strictEqual((yield* claim([source], newSlots(2))).length, 0)
    })
  )

  it.effect("gives only jobs with tags that the worker accepts", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(
        newJob({ group }),
        newJob({ group, tags: ["a"] }),
        newJob({ group, tags: ["b", "a"] }),
        newJob({ group, tags: ["A", "a'%_"] })
      )
      const sources = [sourceOf(first(jobs))]
      const [none, a, ab, odd] = jobs.map(({ id }) => id)
      const claimed = (...accepts: ReadonlyArray<{ tag: string; op: "exists" | "absent" }>) =>
        Effect.map(claim(sources, newSlots(4), accepts), (given) => given.map(({ job }) => job.id))
      assert.deepStrictEqual(yield* claimed(has("a"), has("c")), [])
      assert.deepStrictEqual(yield* claimed(has("a"), lacks("b")), [a])
      assert.deepStrictEqual(yield* claimed(has("a'%_")), [odd])
      assert.deepStrictEqual(yield* claimed(lacks("a")), [none])
      assert.deepStrictEqual(yield* claimed(), [ab])
    })
  )

  it.effect("gives only pending jobs", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const [ahead, cancelled, running] = yield* insert(
        newJob({ group, delay: Duration.millis(1) }),
        newJob({ group }),
        newJob({ group })
      )
      yield* repo.cancel([cancellation(present(cancelled).id, Duration.zero)])
      const sources = [sourceOf(present(running))]
      assert.deepStrictEqual(
        (yield* claim(sources, newSlots(3))).map(({ job }) => job.id),
        [present(running).id]
      )
      // Due, but not yet promoted.
      yield* advance(1)
      assert.deepStrictEqual(yield* claim(sources, newSlots(3)), [])
      yield* repo.promote(plenty)
      assert.deepStrictEqual(
        (yield* claim(sources, newSlots(3))).map(({ job }) => job.id),
        [present(ahead).id]
      )
    })
  )

  it.effect("hands the checkpoint on, counts the attempt, and keeps when the job first started", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      yield* repo.recordProgress([
        progressWrite(one, 0, { percent: 40, message: "m", checkpoint: { page: 3 } })
      ])
      const released = present(yield* end(one, transition("released")))
      yield* advance(5)
      const two = yield* startAgain(released, { worker: "other" })
      assert.strictEqual(two.attempt.number, 2)
      assert.strictEqual(two.attempt.startedVersion, 4)
      assert.strictEqual(two.job.attempts, 2)
      assert.deepStrictEqual(two.attempt.checkpoint, { page: 3 })
      assert.deepStrictEqual([two.attempt.percent, two.attempt.message, two.attempt.mark], [null, null, 0])
      assertAfter(two.job.startedAt, one.attempt.startedAt, 0)
      assertAfter(two.attempt.startedAt, one.attempt.startedAt, 5)
      yield* end(two, transition("released"))
      const three = yield* startAgain(released)
      assert.deepStrictEqual(three.attempt.checkpoint, { page: 3 })
    })
  )

  it.effect("gives no job twice and loses none, with many claiming at once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const groups = [newGroup(), newGroup({ priority: 1 })]
      const jobs = yield* insert(
        ...Array.from({ length: 200 }, (_, index) => newJob({ group: present(groups[index % 2]) }))
      )
      const sources = jobs.slice(0, 2).map((job) => sourceOf(job))
      const claimAll = (worker: string) =>
        Effect.gen(function* () {
          const mine: Array<string> = []
          for (;;) {
            const slots = Array.from({ length: 5 }, () => newSlot({ worker }))
            const { contended, jobs: given } = yield* repo.claim(claimOf(sources, slots))
            mine.push(...given.map(({ job }) => job.id))
            if (given.length === 0 && !contended) return mine
            yield* Effect.yieldNow
          }
        })
      const workers = Array.from({ length: 20 }, (_, index) => `w${index}`)
      const shares = yield* Effect.forEach(workers, claimAll, { concurrency: "unbounded" })
      assert.deepStrictEqual(shares.flat().toSorted(), jobs.map(({ id }) => id).toSorted())
      const kept = (yield* repo.find(jobs.map(({ id }) => id))).map(present)
      for (const { attempt, attempts, id, status, version } of kept) {
        assert.deepStrictEqual([status, version, attempts], ["processing", 2, 1])
        const share = shares[workers.indexOf(present(attempt).worker)]
        assert.include(present(share), id)
      }
    })
  )

  it.effect("gives no more than is given at once, and leaves the rest for the next claim", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const sizes = [largestAnswer.claim, largestAnswer.claim / 2, largestAnswer.claim / 2, 1, 1]
      const jobs = yield* insert(
        ...sizes.map((size) => newJob({ group, parameters: "x".repeat(size - 2 < 0 ? 0 : size - 2) }))
      )
      const given: Array<readonly [size: number, contended: boolean]> = []
      for (let count = 0; count < 4; count++) {
        const claimed = yield* repo.claim(claimOf([sourceOf(first(jobs))], newSlots(9)))
        given.push([claimed.jobs.length, claimed.contended])
        yield* Effect.forEach(claimed.jobs, findClaimed)
      }
      assert.deepStrictEqual(given, [
        [1, true],
        [2, true],
        [2, false],
        [0, false]
      ])
    })
  )
}
