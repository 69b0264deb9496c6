/** Jobs that have been pending for so long that constraints of them have become wishes. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { Amendment } from "../../src/domain/jobs/Amendment.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import type { Constraint } from "../../src/domain/matching/Constraint.ts"
import type { JobGroup } from "../../src/domain/matching/Matching.ts"
import {
  changeOf,
  end,
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

const region: Constraint = { skill: "region", op: "eq", value: "eu" }

/** What is found now of the groups of these jobs, after so many milliseconds each. */
const look = Effect.fnUntraced(function* (
  waits: ReadonlyArray<readonly [Pick<JobRecord, "group">, number]>,
  limit = plenty
) {
  const repo = yield* JobRepo
  return yield* repo.relaxed(yield* waitsFor(waits.map(([{ group }, after]) => [group, after])), limit)
})

/** The same, as ids and milliseconds. */
const found = (...given: Parameters<typeof look>) =>
  Effect.map(look(...given), ({ done }) => done.map(({ after, job }) => [job.id, Duration.toMillis(after)]))

export const relaxing = ({ advance, it }: Suite): void => {
  it.effect("are found at each of their times, once", () =>
    Effect.gen(function* () {
      const job = yield* insertOne()
      const waits = [
        [job, 100],
        [job, 30]
      ] as const
      yield* advance(29)
      const before = yield* look(waits)
      assert.deepStrictEqual([before.done.length, before.next], [0, Duration.millis(1)])
      yield* advance(1)
      const { done, next } = yield* look(waits)
      assert.deepStrictEqual(
        done.map(({ after, job: told }) => [changeOf(told), after]),
        [[changeOf(job), Duration.millis(30)]]
      )
      assert.deepStrictEqual(next, Duration.millis(70))
      assert.deepStrictEqual(yield* found(waits), [])
      yield* advance(70)
      assert.deepStrictEqual(yield* found(waits), [[job.id, 100]])
      yield* advance(1_000)
      const last = yield* look(waits)
      assert.deepStrictEqual([last.done.length, last.next], [0, null])
    })
  )

  it.effect("are all found in the order of their times, though these are over at once", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 3 }, () => newJob({ group })))
      const job = present(jobs[0])
      const waits = [
        [job, 20],
        [job, 10]
      ] as const
      yield* advance(20)
      const all: Array<unknown> = []
      for (let times = 0; times < 4; times++) all.push(...(yield* found(waits, 2)))
      assert.deepStrictEqual(
        all,
        [10, 20].flatMap((after) => jobs.map(({ id }) => [id, after]))
      )
    })
  )

  it.effect("are found anew when they are pending anew after an attempt", () =>
    Effect.gen(function* () {
      const claimed = yield* startOne()
      yield* advance(50)
      assert.deepStrictEqual(yield* found([[claimed.job, 10]]), [])
      const job = present(yield* end(claimed, transition("lost")))
      yield* advance(9)
      assert.deepStrictEqual(yield* found([[job, 10]]), [])
      yield* advance(1)
      assert.deepStrictEqual(yield* found([[job, 10]]), [[job.id, 10]])
    })
  )

  it.effect("are only those that are pending", () =>
    Effect.gen(function* () {
      const scheduled = yield* insertOne({ delay: Duration.millis(50) })
      yield* advance(59)
      assert.deepStrictEqual(yield* found([[scheduled, 10]]), [])
      yield* advance(1)
      assert.deepStrictEqual(yield* found([[scheduled, 10]]), [[scheduled.id, 10]])
      assert.strictEqual((yield* findOne(scheduled.id)).status, "pending")
    })
  )

  it.effect(
    "are told of by the change that makes them, where their time is past already, and else found",
    () =>
      Effect.gen(function* () {
        const repo = yield* JobRepo
        const other = yield* insertOne()
        const job = yield* insertOne()
        const constrained = (...times: ReadonlyArray<number>) =>
          times.map((relaxAfter) => ({ ...region, relaxAfter }))
        const amend = Effect.fnUntraced(function* (amendment: Amendment) {
          const [amended] = yield* repo.amend([{ job: job.id, amendment }])
          const { job: changed, relaxed } = present(amended)
          return { changed, relaxed: relaxed.map(Duration.toMillis) }
        })
        yield* advance(49)
        assert.deepStrictEqual((yield* amend({ constraints: constrained(10, 49) })).relaxed, [])
        yield* advance(1)
        // Nobody has looked since, so that it is found.
        const { changed } = yield* amend({ priority: 1 })
        assert.deepStrictEqual(
          yield* found([
            [other, 50],
            [changed, 10],
            [changed, 49]
          ]),
          [
            [job.id, 10],
            [job.id, 49],
            [other.id, 50]
          ]
        )
        // What it had before was told of.
        assert.deepStrictEqual((yield* amend({ priority: 2 })).relaxed, [])
        assert.deepStrictEqual((yield* amend({ constraints: constrained(49, 50, 51, 20) })).relaxed, [20, 50])
        assert.deepStrictEqual((yield* amend({ constraints: [{ ...region, weight: 2 }] })).relaxed, [])
        const last = yield* amend({ constraints: constrained(51) })
        assert.deepStrictEqual(last.relaxed, [])
        yield* advance(1)
        assert.deepStrictEqual(yield* found([[last.changed, 51]]), [[job.id, 51]])
        // It waits anew.
        const later = DateTime.addDuration(job.createdAt, 52)
        assert.deepStrictEqual((yield* amend({ runAt: later, constraints: constrained(1) })).relaxed, [])
      })
  )

  it.effect("are not told of by a change of a job that has a worker", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const other = yield* insertOne()
      const { job } = yield* startOne()
      yield* advance(50)
      assert.lengthOf(yield* found([[other, 50]]), 1)
      const constraints = [{ ...region, relaxAfter: 10 }]
      const [amended] = yield* repo.amend([{ job: job.id, amendment: { constraints } }])
      assert.deepStrictEqual(present(amended).relaxed, [])
    })
  )

  it.effect("are told of once, though they are changed and looked for at the same time", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      for (let round = 0; round < 20; round++) {
        const [other, job] = [yield* insertOne(), yield* insertOne()]
        yield* advance(50)
        const waitsOf = ({ constraints, type }: JobGroup) => [
          ...(type === other.group.type ? [Duration.millis(50)] : []),
          ...(type === job.group.type
            ? constraints.map(({ relaxAfter = 0 }) => Duration.millis(relaxAfter))
            : [])
        ]
        const looking = Effect.map(repo.relaxed(waitsOf, plenty), ({ done }) =>
          done.filter(({ job: { id } }) => id === job.id).map(({ after }) => Duration.toMillis(after))
        )
        const changing = Effect.map(
          repo.amend([{ job: job.id, amendment: { constraints: [{ ...region, relaxAfter: 10 + round }] } }]),
          ([amended]) => present(amended).relaxed.map(Duration.toMillis)
        )
        const told = yield* Effect.all([looking, changing, looking], { concurrency: "unbounded" })
        assert.deepStrictEqual([...told, yield* looking].flat(), [10 + round])
      }
    })
  )

  it.effect("are found apart from those that nobody claims", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const { group, id } = yield* insertOne()
      const waits = (asked: JobGroup) => (asked.id === group.id ? [Duration.millis(10)] : [])
      yield* advance(10)
      const relaxed = yield* repo.relaxed(waits, plenty)
      const unclaimed = yield* repo.unclaimed(waits, plenty)
      assert.deepStrictEqual(
        [relaxed.done.map(({ job }) => job.id), unclaimed.done.map(({ job }) => job.id)],
        [[id], [id]]
      )
      assert.deepStrictEqual((yield* repo.relaxed(() => [], plenty)).next, null)
    })
  )
}
