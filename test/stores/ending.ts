/** How a store ends attempts. */
import { assert } from "@effect/vitest"
import { Array as Arr, DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import {
  cancellation,
  assertSameAttempt,
  assertSameJob,
  end,
  ending as endingOf,
  findOne,
  findTold,
  first,
  newAttemptId,
  newJobId,
  present,
  renewal,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

export const ending = ({ advance, it }: Suite): void => {
  it.effect("finishes a job with a result", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      yield* advance(40)
      const now = DateTime.addDuration(claimed.attempt.startedAt, 40)
      const job = yield* end(claimed, transition("done", { result: { n: [1] } }))
      const attempt = {
        ...claimed.attempt,
        endedAt: now,
        outcome: "done" as const,
        result: { n: [1] },
        endedVersion: 3
      }
      assertSameJob(job, { ...claimed.job, status: "done", version: 3, finishedAt: now, attempt })
      assertSameJob(yield* findOne(claimed.job.id), job)
      assertSameAttempt(yield* repo.findAttempt(claimed.job.id, claimed.attempt.id), attempt)
    })
  )

  it.effect("makes a job due again after a wait, and charges what was spent", () =>
    Effect.gen(function* () {
      const one = yield* startOne()
      yield* advance(7)
      const endedAt = DateTime.addDuration(one.attempt.startedAt, 7)
      const error = { reason: "x" }
      const lost = present(yield* end(one, transition("lost", { error })))
      assertSameJob(lost, {
        ...one.job,
        status: "pending",
        version: 3,
        runAt: endedAt,
        losses: 1,
        attempt: { ...one.attempt, endedAt, outcome: "lost", error, nextRunAt: endedAt, endedVersion: 3 }
      })

      const two = yield* startAgain(lost)
      const wait = Duration.millis(1_234)
      const nextRunAt = DateTime.addDuration(endedAt, wait)
      const retrying = present(yield* end(two, transition("retrying", { wait })))
      assertSameJob(retrying, {
        ...two.job,
        status: "scheduled",
        version: 5,
        runAt: nextRunAt,
        failures: 1,
        attempt: { ...two.attempt, endedAt, outcome: "failed", nextRunAt, endedVersion: 5 }
      })
      assertSameJob(yield* findOne(one.job.id), retrying)
    })
  )

  it.effect.each([
    ["done", 0, 0],
    ["failed", 1, 0],
    ["lost", 0, 1],
    ["released", 0, 0],
    ["retrying", 1, 0],
    ["cancelled", 0, 0]
  ] as const)("takes over what was decided: %s", ([kind, failures, losses]) =>
    Effect.gen(function* () {
      const claimed = yield* startOne()
      const to = transition(kind)
      const job = present(yield* end(claimed, to))
      assert.deepStrictEqual(
        [job.status, job.failures, job.losses, job.attempt?.outcome, job.reason],
        [to.status, failures, losses, to.outcome, null]
      )
      assert.strictEqual(job.finishedAt === null, to.wait !== null)
    })
  )

  it.effect("ends only the live attempt, of this worker, of this job, and only once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne({ slot: { worker: "one" } })
      const two = yield* startOne({ slot: { worker: "two" } })
      const to = transition("done")
      assert.strictEqual(yield* end(one, to, { worker: "two" }), null)
      assert.strictEqual(yield* end({ ...one, attempt: two.attempt }, to), null)
      assert.strictEqual(yield* end({ ...one, attempt: { ...one.attempt, id: newAttemptId() } }, to), null)
      assert.strictEqual(yield* end({ ...one, job: { ...one.job, id: newJobId() } }, to), null)
      assertSameJob(yield* findOne(one.job.id), one.job)

      const released = present(yield* end(one, transition("released"), { worker: "one" }))
      assert.strictEqual(yield* end(one, to, { worker: "one" }), null)
      const again = yield* startAgain(released)
      assert.strictEqual(yield* end(one, to), null)
      assertSameJob(yield* findOne(one.job.id), again.job)
      const done = present(yield* end(again, to))
      assert.strictEqual(yield* end(again, transition("failed")), null)
      assertSameJob(yield* findOne(one.job.id), done)
      assert.deepStrictEqual(yield* repo.end([]), [])
    })
  )

  it.effect("ends an attempt only in the state of cancellation that was decided upon", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const outcomes = []
      for (const isCancelled of [false, true]) {
        for (const cancelling of [false, true, null]) {
          const claimed = yield* startOne()
          if (isCancelled) yield* repo.cancel([cancellation(claimed.job.id, Duration.seconds(10))])
          outcomes.push((yield* end(claimed, transition("failed"), { cancelling })) !== null)
        }
      }
      assert.deepStrictEqual(outcomes, [true, false, true, false, true, true])
    })
  )

  it.effect.each([
    ["lease", { lease: Duration.millis(100) }],
    ["maxRun", { maxRun: Duration.millis(100) }],
    ["pickup", { pickup: Duration.millis(100) }],
    ["cancelGrace", {}]
  ] as const)("ends an attempt for %s only when that has run out", ([clock, clocks]) =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne({ clocks })
      if (clock === "cancelGrace") {
        yield* repo.cancel([cancellation(claimed.job.id, Duration.millis(100))])
      }
      yield* advance(99)
      assert.strictEqual(yield* end(claimed, transition("lost"), { onlyIfOverdue: true }), null)
      yield* advance(1)
      assert.notStrictEqual(yield* end(claimed, transition("lost"), { onlyIfOverdue: true }), null)
    })
  )

  it.effect("does not end an attempt for silence when a sign of life came in between", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne({ clocks: { lease: Duration.millis(100) } })
      yield* advance(100)
      assert.notStrictEqual(first(yield* repo.renew([renewal(claimed)])), null)
      assert.strictEqual(yield* end(claimed, transition("lost"), { onlyIfOverdue: true }), null)
    })
  )

  it.effect("answers a batch in its order, whatever becomes of each end", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two, three] = yield* Effect.all([startOne(), startOne(), startOne()])
      yield* end(two, transition("done"))
      const ended = yield* repo.end([
        endingOf(three, transition("failed")),
        endingOf(two, transition("failed")),
        endingOf(one, transition("done"), { worker: "nobody" }),
        endingOf(one, transition("released")),
        endingOf({ ...one, job: { ...one.job, id: newJobId() } }, transition("done"))
      ])
      assert.deepStrictEqual(
        ended.map((job) => job && [job.id, job.status]),
        [[three.job.id, "failed"], null, null, [one.job.id, "pending"], null]
      )
    })
  )

  it.effect("ends many with results that are too large for one statement", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const all = yield* Effect.all(Array.from({ length: 4 }, () => startOne()))
      const largeResult = (name: string) => transition("done", { result: name.repeat(3_000_000) })
      const results = ["a", "b", "c", "d"]
      const ended = yield* repo.end([
        ...Arr.zipWith(all, results, (claimed, name) => endingOf(claimed, largeResult(name))),
        ...all.map((claimed) => endingOf(claimed, largeResult("e")))
      ])
      assert.deepStrictEqual(
        ended.map((job) => job?.id ?? null),
        [...all.map(({ job }) => job.id), null, null, null, null]
      )
      for (const [{ job }, name] of Arr.zip(all, results)) {
        const { attempt } = yield* findOne(job.id)
        assert.isTrue(present(attempt).result === name.repeat(3_000_000))
      }
    })
  )

  it.effect("ends an attempt once, though a batch names it twice", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      const kinds = ["done", "failed"] as const
      const ended = yield* repo.end(kinds.map((kind) => endingOf(claimed, transition(kind))))
      assert.strictEqual(ended.filter((job) => job !== null).length, 1)
      const winner = ended.findIndex((job) => job !== null)
      const kept = yield* findTold(present(ended[winner]))
      assert.deepStrictEqual([kept.status, kept.version], [present(kinds[winner]), 3])
    })
  )

  it.effect("lets exactly one of many concurrent ends take effect", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const kinds = ["done", "failed", "lost", "released", "retrying", "cancelled"] as const
      const all = yield* Effect.all(Array.from({ length: 10 }, () => startOne()))
      const batches = kinds.map((kind, index) => {
        const order = index % 2 === 0 ? all : all.toReversed()
        return order.map((claimed) => endingOf(claimed, transition(kind)))
      })
      const answers = yield* Effect.forEach(batches, repo.end, { concurrency: "unbounded" })
      for (const { job } of all) {
        const told = answers.flat().filter((ended) => ended?.id === job.id)
        assert.strictEqual(told.length, 1)
        yield* findTold(present(told[0]))
      }
    })
  )
}
