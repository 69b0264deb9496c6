/** Jobs that have been due for long without a worker claiming them. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import type { JobGroup } from "../../src/domain/matching/Matching.ts"
import {
  cancellation,
  changeOf,
  end,
  failOne,
  findOne,
  insert,
  insertOne,
  newGroup,
  newJob,
  plenty,
  present,
  startOne,
  type Suite,
  transition,
  waitsFor
} from "./StoreKit.ts"

/** What is found now of these groups, after so many milliseconds each. */
const look = Effect.fnUntraced(function* (
  patience: ReadonlyArray<readonly [JobGroup, number]>,
  limit = plenty
) {
  const repo = yield* JobRepo
  return yield* repo.unclaimed(yield* waitsFor(patience), limit)
})

const idsFound = (...given: Parameters<typeof look>) =>
  Effect.map(look(...given), ({ done }) => done.map(({ job }) => job.id))

const idsOf = (...jobs: ReadonlyArray<JobRecord>) => jobs.map(({ id }) => id)

export const goingUnclaimed = ({ advance, it }: Suite): void => {
  it.effect("are found at the moment when they have waited for too long, once", () =>
    Effect.gen(function* () {
      const job = yield* insertOne({ expiresIn: Duration.hours(1) })
      yield* advance(99)
      const before = yield* look([[job.group, 100]])
      assert.deepStrictEqual([before.done.length, before.next], [0, Duration.millis(1)])
      yield* advance(1)
      const { done, next } = yield* look([[job.group, 100]])
      assert.deepStrictEqual(
        done.map(({ job: told }) => changeOf(told)),
        [changeOf(job)]
      )
      assert.isNull(next)
      assert.deepStrictEqual(yield* idsFound([[job.group, 100]]), [])
      yield* advance(1_000)
      assert.deepStrictEqual(yield* idsFound([[job.group, 100]]), [])
    })
  )

  it.effect("are found at the time of their own group, the longest overdue first", () =>
    Effect.gen(function* () {
      const patient = yield* insertOne()
      const hasty = yield* insertOne()
      yield* advance(1)
      const later = yield* insertOne({ group: newGroup(hasty.group) })
      const patience = [
        [patient.group, 51],
        [hasty.group, 20]
      ] as const
      yield* advance(19)
      assert.deepStrictEqual(yield* idsFound(patience), idsOf(hasty))
      yield* advance(40)
      assert.deepStrictEqual(yield* idsFound(patience), idsOf(later, patient))
    })
  )

  it.effect("are all found, though there are more than may be told of at once, due at the same time", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 7 }, () => newJob({ group })))
      const patience = jobs.slice(0, 1).map((job) => [job.group, 10] as const)
      yield* advance(10)
      const found: Array<string> = []
      for (let times = 0; times < 3; times++) {
        const { done, next } = yield* look(patience, 3)
        found.push(...done.map(({ job }) => job.id))
        assert.deepStrictEqual(next, times < 2 ? Duration.zero : null)
      }
      assert.deepStrictEqual(found, idsOf(...jobs))
      assert.deepStrictEqual(yield* idsFound(patience, 3), [])
    })
  )

  it.effect("are not those that a worker has had, or that wait for their time", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const released = present(yield* end(yield* startOne(), transition("released")))
      const running = yield* startOne()
      const scheduled = yield* insertOne({ delay: Duration.millis(50) })
      const cancelled = yield* insertOne()
      yield* repo.cancel([cancellation(cancelled.id, Duration.zero)])
      const patience = [released, running.job, scheduled, cancelled].map(({ group }) => [group, 10] as const)
      yield* advance(59)
      assert.deepStrictEqual(yield* idsFound(patience), [])
      yield* advance(1)
      assert.deepStrictEqual(yield* idsFound(patience), idsOf(scheduled))
    })
  )

  it.effect("are found, though they became pending later than they should have", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.promote(plenty)
      const waiting = yield* insertOne()
      const late = yield* insertOne({ delay: Duration.millis(10) })
      const five = ({ id }: JobGroup) =>
        [waiting, late].some(({ group }) => group.id === id) ? [Duration.millis(5)] : []
      yield* advance(50)
      const ids = Effect.map(repo.unclaimed(five, plenty), ({ done }) => done.map(({ job }) => job.id))
      assert.deepStrictEqual(yield* ids, idsOf(waiting))
      assert.deepStrictEqual(yield* ids, [])
      yield* repo.promote(plenty)
      assert.deepStrictEqual(yield* ids, idsOf(late))
      assert.deepStrictEqual(yield* ids, [])
    })
  )

  it.effect("are found again when they were retried by hand", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const failed = yield* failOne()
      yield* repo.retry([failed.id])
      yield* advance(10)
      const { done } = yield* look([[failed.group, 10]])
      const expected = changeOf(yield* findOne(failed.id))
      assert.deepStrictEqual(
        done.map(({ job }) => changeOf(job)),
        [{ ...expected, attempt: null }]
      )
    })
  )

  it.effect("are found by one of several who look at the same time", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 20 }, () => newJob({ group })))
      const patience = jobs.slice(0, 1).map((job) => [job.group, 10] as const)
      yield* advance(10)
      const found = yield* Effect.all(
        Array.from({ length: 4 }, () => idsFound(patience, 8)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(found.flat().toSorted(), idsOf(...jobs).toSorted())
      assert.deepStrictEqual(yield* idsFound([]), [])
    })
  )
}
