/** How a store keeps attempts alive and their progress. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { ClaimedJob } from "../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { largestAnswer } from "../../src/domain/Page.ts"
import type { Renewed } from "../../src/domain/attempts/SignOfLife.ts"
import {
  assertAfter,
  assertSameAttempt,
  assertSameJob,
  claim,
  end,
  eventsOf,
  findOne,
  findTold,
  first,
  insert,
  logChunk,
  newGroup,
  newJob,
  newJobId,
  newSlots,
  plenty,
  present,
  progressWrite,
  renewal,
  sourceOf,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

export const living = ({ advance, it }: Suite): void => {
  it.effect("renews a lease from now, ends the wait for a first sign, and changes nothing else", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne({
        clocks: { lease: Duration.seconds(10), pickup: Duration.seconds(2) }
      })
      yield* advance(1_500)
      const expected = {
        ...claimed.attempt,
        leaseExpiresAt: DateTime.addDuration(claimed.attempt.startedAt, 11_500),
        pickupBy: null,
        firstSignAt: DateTime.addDuration(claimed.attempt.startedAt, 1_500)
      }
      assertSameAttempt(first(yield* repo.renew([renewal(claimed)])), expected)
      assertSameJob(yield* findOne(claimed.job.id), { ...claimed.job, attempt: expected })
    })
  )

  it.effect("tells of the job at the first sign of life, whatever it is, and not again", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two] = [yield* startOne(), yield* startOne()]
      const beat = (claimed: ClaimedJob) => repo.renew([renewal(claimed), renewal(claimed)])
      const progress = (claimed: ClaimedJob, mark: number) =>
        repo.recordProgress([progressWrite(claimed, mark, { events: [logChunk(mark + 1, "x")] })])
      const startedBy = Effect.map((answers: ReadonlyArray<Renewed>) =>
        answers.map((living) => present(living).started)
      )
      const [first, second] = yield* startedBy(beat(one))
      yield* findTold(present(first))
      assert.strictEqual(second, null)
      yield* advance(5)
      assert.deepStrictEqual(yield* startedBy(progress(one, 0)), [null])
      const [started] = yield* startedBy(progress(two, 0))
      yield* findTold(present(started))
      assert.deepStrictEqual(yield* startedBy(progress(two, 1)), [null])
      assert.deepStrictEqual(yield* startedBy(beat(two)), [null, null])
    })
  )

  it.effect("renews an attempt whose clock has run out but was not acted upon", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne({
        clocks: { lease: Duration.millis(10), pickup: Duration.millis(10), maxRun: Duration.seconds(1) }
      })
      yield* advance(2_000)
      const renewed = first(yield* repo.renew([renewal(claimed)]))
      assertAfter(present(renewed).leaseExpiresAt, claimed.attempt.startedAt, 2_010)
      assertAfter(present(renewed).runUntil, claimed.attempt.startedAt, 1_000)
    })
  )

  it.effect("renews only live attempts of this worker, and answers a batch in its order", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two, over] = yield* Effect.all([startOne(), startOne(), startOne()])
      const again = yield* startAgain(present(yield* end(over, transition("released"))))
      const answers = yield* repo.renew([
        renewal(two),
        renewal(one, "another"),
        renewal(over),
        renewal({ ...one, attempt: two.attempt }),
        renewal({ ...one, job: { ...one.job, id: newJobId() } }),
        renewal(one),
        renewal(again),
        renewal(two)
      ])
      assert.deepStrictEqual(
        answers.map((attempt) => attempt && attempt.id),
        [two.attempt.id, null, null, null, null, one.attempt.id, again.attempt.id, two.attempt.id]
      )
      yield* end(one, transition("done"))
      assert.deepStrictEqual(yield* repo.renew([renewal(one)]), [null])
      assert.deepStrictEqual(yield* repo.renew([]), [])
    })
  )

  it.effect("renews for many callers at once that name the same attempts in different orders", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const all = yield* Effect.all(Array.from({ length: 30 }, () => startOne()))
      const orders = Array.from({ length: 12 }, (_, index) =>
        [...all.slice(index), ...all.slice(0, index)].map((claimed) => renewal(claimed))
      )
      const batches = orders.map((order, index) => (index % 2 === 0 ? order : order.toReversed()))
      const answers = yield* Effect.forEach(batches, repo.renew, { concurrency: "unbounded" })
      assert.isTrue(answers.flat().every((attempt) => attempt !== null))
    })
  )

  it.effect("stores progress, moves the mark and renews the lease", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne({
        clocks: { lease: Duration.seconds(10), pickup: Duration.seconds(1) }
      })
      yield* advance(100)
      const events = [
        { id: 1, event: "percent", data: "12.5" },
        logChunk(4, "line\n"),
        { id: 5, event: "custom", data: "a\u0000é\ud83d\ude00" }
      ]
      const written = first(
        yield* repo.recordProgress([
          progressWrite(claimed, 0, { events, percent: 12.5, message: "half", checkpoint: [1] })
        ])
      )
      assertSameAttempt(written, {
        ...claimed.attempt,
        leaseExpiresAt: DateTime.addDuration(claimed.attempt.startedAt, 10_100),
        pickupBy: null,
        firstSignAt: DateTime.addDuration(claimed.attempt.startedAt, 100),
        mark: 5,
        percent: 12.5,
        message: "half",
        checkpoint: [1]
      })
      assertSameJob(yield* findOne(claimed.job.id), { ...claimed.job, attempt: written })
      assert.deepStrictEqual(yield* eventsOf(claimed.attempt.id), events)
    })
  )

  it.effect("leaves what a write does not mention", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      yield* repo.recordProgress([
        progressWrite(claimed, 0, { events: [logChunk(3, "x")], percent: 50, message: "m", checkpoint: "c" })
      ])
      yield* advance(1)
      const same = first(yield* repo.recordProgress([progressWrite(claimed, 3)]))
      assert.deepStrictEqual([same?.mark, same?.percent, same?.message, same?.checkpoint], [3, 50, "m", "c"])
      assertAfter(present(same).leaseExpiresAt, claimed.attempt.startedAt, 60_001)
      const emptied = first(
        yield* repo.recordProgress([progressWrite(claimed, 3, { percent: 0, message: "", checkpoint: null })])
      )
      assert.deepStrictEqual([emptied?.percent, emptied?.message, emptied?.checkpoint], [0, "", null])
    })
  )

  it.effect("takes progress only on the mark that it was decided upon, of a live attempt", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      const other = yield* startOne()
      const write = (mark: number, id: number) =>
        Effect.map(
          repo.recordProgress([progressWrite(claimed, mark, { events: [logChunk(id, String(id))] })]),
          (answers) => first(answers.map((answer) => answer !== null))
        )
      assert.isFalse(yield* write(1, 2))
      assert.isTrue(yield* write(0, 2))
      assert.isFalse(yield* write(0, 3))
      assert.isFalse(yield* write(1, 3))
      assert.isTrue(yield* write(2, 3))
      const stranger = { ...claimed, attempt: other.attempt }
      assert.deepStrictEqual(
        yield* repo.recordProgress([progressWrite(stranger, 0, { events: [logChunk(1, "x")] })]),
        [null]
      )
      yield* end(claimed, transition("released"))
      assert.isFalse(yield* write(3, 4))
      assert.deepStrictEqual(yield* eventsOf(claimed.attempt.id), [logChunk(2, "2"), logChunk(3, "3")])
      assert.deepStrictEqual(yield* eventsOf(other.attempt.id), [])
    })
  )

  it.effect("answers a batch of progress in its order, and takes one of two writes on one mark", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two, over] = yield* Effect.all([startOne(), startOne(), startOne()])
      yield* end(over, transition("done"))
      const write = (claimed: typeof one, mark: number, data: string) =>
        progressWrite(claimed, mark, { events: [logChunk(1, data)] })
      const answers = yield* repo.recordProgress([
        write(over, 0, "over"),
        write(two, 0, "two"),
        write(one, 7, "wrong mark"),
        write(one, 0, "one"),
        write(one, 0, "one again")
      ])
      const taken = answers.map((attempt) => attempt && attempt.id)
      assert.deepStrictEqual(taken.slice(0, 3), [null, two.attempt.id, null])
      assert.strictEqual(taken.slice(3).filter((id) => id === one.attempt.id).length, 1)
      const winner = taken[3] === null ? "one again" : "one"
      assert.deepStrictEqual(yield* eventsOf(one.attempt.id), [logChunk(1, winner)])
      assert.deepStrictEqual(yield* repo.recordProgress([]), [])
    })
  )

  it.effect("takes exactly one of many concurrent writes on the same mark", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const all = yield* Effect.all(Array.from({ length: 5 }, () => startOne()))
      const writers = Array.from({ length: 12 }, (_, index) => String(index))
      const answers = yield* Effect.forEach(
        writers,
        (writer, index) => {
          const order = index % 2 === 0 ? all : all.toReversed()
          return repo.recordProgress(
            order.map((claimed) =>
              progressWrite(claimed, 0, { events: [logChunk(1, writer)], message: writer })
            )
          )
        },
        { concurrency: "unbounded" }
      )
      for (const { attempt, job } of all) {
        const taken = answers.flat().filter((answer) => answer?.id === attempt.id)
        assert.strictEqual(taken.length, 1)
        const winner = present(taken[0]?.message)
        assert.deepStrictEqual(yield* eventsOf(attempt.id), [logChunk(1, winner)])
        assert.strictEqual((yield* findOne(job.id)).attempt?.message, winner)
      }
    })
  )

  it.effect("reads progress from an id on, in parts", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      const events = [1, 2, 10, 11].map((id) => logChunk(id, String(id)))
      yield* repo.recordProgress([progressWrite(claimed, 0, { events })])
      const ids = (after: number, limit: number) =>
        Effect.map(repo.progressSince(claimed.attempt.id, after, limit), ({ hasMore, items }) => [
          items.map(({ id }) => id),
          hasMore
        ])
      assert.deepStrictEqual(yield* ids(0, 2), [[1, 2], true])
      assert.deepStrictEqual(yield* ids(2, 2), [[10, 11], false])
      assert.deepStrictEqual(yield* ids(9, 1), [[10], true])
      assert.deepStrictEqual(yield* ids(11, 5), [[], false])
    })
  )

  it.effect("reads no more progress than is given at once, and at least one event", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      const sizes = [1, largestAnswer.progress, largestAnswer.progress / 2, largestAnswer.progress / 2, 1, 1]
      const events = sizes.map((size, index) => logChunk(index + 1, "x".repeat(size)))
      yield* repo.recordProgress([progressWrite(claimed, 0, { events })])
      const read: Array<ReadonlyArray<number>> = []
      let page = yield* repo.progressSince(claimed.attempt.id, 0, plenty)
      while (page.items.length > 0) {
        read.push(page.items.map(({ id }) => id))
        const last = present(page.items.at(-1)).id
        assert.strictEqual(page.hasMore, last < 6)
        page = yield* repo.progressSince(claimed.attempt.id, last, plenty)
      }
      assert.deepStrictEqual(read, [
        [1, 2],
        [3, 4],
        [5, 6]
      ])
    })
  )

  it.effect("stores much progress of many attempts in one batch", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 6 }, () => newJob({ group })))
      const all = yield* claim([sourceOf(first(jobs))], newSlots(6))
      const data = "é".repeat(1_048_576)
      const answers = yield* repo.recordProgress([
        ...all.flatMap((claimed) => [
          progressWrite(claimed, 0, { events: [logChunk(1, data), logChunk(2, data)] }),
          progressWrite(claimed, 2, { events: [logChunk(3, "end")] })
        ]),
        progressWrite(first(all), 0)
      ])
      assert.deepStrictEqual(
        answers.map((answer) => answer?.mark ?? null),
        [...all.flatMap(() => [2, 3]), null]
      )
      for (const { job } of all) {
        assert.strictEqual((yield* repo.readLog(job.id, 0, 0)).size, 2 * 2_097_152 + 3)
      }
    })
  )
}
