/** How finished jobs leave a store. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import { type FinishedJobs, RetentionRepo } from "../../src/domain/jobs/RetentionRepo.ts"
import {
  cancellation,
  end,
  eventsOf,
  failOne,
  findOne,
  first,
  insertOne,
  logChunk,
  newGroup,
  newName,
  plain,
  plenty,
  present,
  progressWrite,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

const doneOne = (type: string) =>
  Effect.gen(function* () {
    const started = yield* startOne({ job: { group: newGroup({ type }) } })
    return present(yield* end(started, transition("done")))
  })

const failedOne = (type: string) => failOne({ job: { group: newGroup({ type }) } })

/** The oldest of these types, as plain data. */
const oldestOf = (...types: ReadonlyArray<string>) =>
  Effect.flatMap(RetentionRepo, ({ oldest }) =>
    Effect.map(oldest, (all) =>
      all
        .filter(({ type }) => types.includes(type))
        .map(({ age, kind, type }) => [types.indexOf(type), kind, Duration.toMillis(age)])
        .toSorted()
    )
  )

const deleteFinished = (type: string, kind: FinishedJobs["kind"], age: number, limit = plenty) =>
  Effect.flatMap(RetentionRepo, (repo) =>
    repo.deleteFinished([{ type, kind, age: Duration.millis(age) }], limit)
  )

const isThere = ({ id }: JobRecord) =>
  Effect.flatMap(JobRepo, ({ find }) => Effect.map(find([id]), ([job]) => job !== null))

export const retaining = ({ advance, it }: Suite): void => {
  it.effect("knows the oldest finished job of each type, by how it ended", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two] = [newName("type"), newName("type")]
      yield* doneOne(one)
      yield* advance(5)
      yield* doneOne(one)
      const failed = yield* failedOne(two)
      yield* advance(3)
      const waiting = yield* insertOne({ group: newGroup({ type: one }) })
      yield* repo.cancel([cancellation(waiting.id, Duration.zero)])
      yield* insertOne({ group: newGroup({ type: two }) })
      yield* advance(1)
      assert.deepStrictEqual(yield* oldestOf(one, two), [
        [0, "done", 9],
        [0, "failed", 1],
        [1, "failed", 4]
      ])
      yield* repo.retry([failed.id])
      assert.deepStrictEqual(yield* oldestOf(two), [])
    })
  )

  it.effect("deletes what is old enough, of that type and kind and nothing else", () =>
    Effect.gen(function* () {
      const [type, other] = [newName("type"), newName("type")]
      const old = yield* doneOne(type)
      const failed = yield* failedOne(type)
      const another = yield* doneOne(other)
      const running = yield* startOne({ job: { group: newGroup({ type }) } })
      yield* advance(10)
      const young = yield* doneOne(type)
      assert.strictEqual(yield* deleteFinished(type, "done", 11), 0)
      assert.strictEqual(yield* deleteFinished(type, "done", 10), 1)
      assert.isFalse(yield* isThere(old))
      for (const job of [failed, another, running.job, young]) {
        assert.deepStrictEqual(plain(yield* findOne(job.id)), plain(job))
      }
      assert.strictEqual(yield* deleteFinished(type, "failed", 0), 1)
      assert.isFalse(yield* isThere(failed))
      assert.isTrue(yield* isThere(young))
    })
  )

  it.effect("deletes all that was kept of a job", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const type = newName("type")
      const failed = yield* failedOne(type)
      yield* repo.retry([failed.id])
      yield* repo.amend([{ job: failed.id, amendment: { tags: ["x"] } }])
      const started = yield* startAgain(yield* findOne(failed.id))
      yield* repo.recordProgress([progressWrite(started, 0, { events: [logChunk(1, "line")] })])
      yield* end(started, transition("done"))
      assert.strictEqual(yield* deleteFinished(type, "done", 0), 1)
      const { attempt, job } = started
      assert.deepStrictEqual(yield* repo.find([job.id]), [null])
      assert.isNull(yield* repo.version(job.id))
      assert.isNull(yield* repo.history(job.id))
      assert.isNull(yield* repo.findAttempt(job.id, attempt.id))
      assert.deepStrictEqual(yield* eventsOf(attempt.id), [])
      assert.strictEqual((yield* repo.readLog(job.id, 0, null)).size, 0)
      assert.deepStrictEqual(yield* repo.retry([job.id]), [null])
      assert.deepStrictEqual(yield* repo.cancel([cancellation(job.id, Duration.zero)]), [null])
      assert.deepStrictEqual((yield* repo.list({ type, limit: 10 })).items, [])
    })
  )

  it.effect("deletes as many as it is allowed to, the oldest of a type first, and of several types", () =>
    Effect.gen(function* () {
      const repo = yield* RetentionRepo
      const type = newName("type")
      const jobs: Array<JobRecord> = []
      for (let index = 0; index < 3; index++) {
        jobs.push(yield* doneOne(type))
        yield* advance(1)
      }
      assert.strictEqual(yield* deleteFinished(type, "done", 0, 2), 2)
      assert.deepStrictEqual(yield* Effect.forEach(jobs, isThere), [false, false, true])
      const other = newName("type")
      yield* doneOne(other)
      yield* failedOne(other)
      const all = [
        { type, kind: "done" as const, age: Duration.zero },
        { type: other, kind: "done" as const, age: Duration.zero },
        { type: other, kind: "failed" as const, age: Duration.zero }
      ]
      assert.strictEqual(yield* repo.deleteFinished(all, 2), 2)
      assert.strictEqual(yield* repo.deleteFinished(all, 2), 1)
      assert.strictEqual(yield* repo.deleteFinished(all, 2), 0)
      assert.strictEqual(yield* repo.deleteFinished([], 2), 0)
    })
  )

  it.effect("leaves a job that is retried at the same time, or deletes it before, with all that it had", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      for (let round = 0; round < 10; round++) {
        const type = newName("type")
        const job = yield* failedOne(type)
        const [retried, deleted] = yield* Effect.all(
          [repo.retry([job.id]), deleteFinished(type, "failed", 0)],
          { concurrency: "unbounded" }
        )
        assert.strictEqual(deleted, retried[0] === null ? 1 : 0)
        assert.strictEqual(yield* isThere(job), deleted === 0)
        if (deleted === 0) {
          const again = yield* startAgain(present(first(retried)))
          assert.deepStrictEqual(again.job.parameters, job.parameters)
          assert.lengthOf(present(yield* repo.history(job.id)).attempts, 2)
        }
      }
    })
  )
}
