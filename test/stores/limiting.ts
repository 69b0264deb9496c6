/** How a store keeps to the limits of policies. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { ClaimedJob } from "../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobInsert } from "../../src/domain/jobs/Submission.ts"
import type { Limits } from "../../src/domain/matching/Limits.ts"
import {
  end,
  findClaimed,
  first,
  insert,
  newGroup,
  newJob,
  newName,
  newSlot,
  newSlots,
  plenty,
  present,
  sourceOf,
  type Suite,
  transition,
  claimOf
} from "./StoreKit.ts"

const noLimits: Limits = { concurrency: null, perWorker: null, perFairnessKey: null, rateLimit: null }

/** Jobs of one type with these fairness keys, and a way to claim them under limits. */
const limitedType = Effect.fnUntraced(function* (
  own: Partial<Limits>,
  keys: ReadonlyArray<string | null> = [null, null, null, null, null],
  wishes: Partial<JobInsert> = {}
) {
  const type = newName("type")
  const limits = { ...noLimits, ...own }
  const jobs = yield* insert(
    ...keys.map((fairnessKey) => newJob({ group: newGroup({ type, fairnessKey }), ...wishes }))
  )
  const sources = [...new Map(jobs.map((job) => [job.group.id, sourceOf(job, { limits })])).values()]
  const claim = Effect.fnUntraced(function* (slots: number, worker = "worker") {
    const repo = yield* JobRepo
    const claimed = yield* repo.claim(
      claimOf(
        sources,
        Array.from({ length: slots }, () => newSlot({ worker }))
      )
    )
    yield* Effect.forEach(claimed.jobs, findClaimed)
    return claimed
  })
  return { type, claim }
})

const keysOf = (jobs: ReadonlyArray<ClaimedJob>) => jobs.map(({ job }) => job.group.fairnessKey)

export const limiting = ({ advance, it }: Suite): void => {
  it.effect.each(["done", "failed", "lost", "released", "retrying", "cancelled"] as const)(
    "gives no more of a type than may run at the same time, until one is %s",
    (kind) =>
      Effect.gen(function* () {
        const { claim, type } = yield* limitedType({ concurrency: 2 })
        const { contended, jobs, reached } = yield* claim(5)
        assert.deepStrictEqual(
          [jobs.length, contended, reached],
          [2, false, [{ limit: "concurrency", type }]]
        )
        assert.deepStrictEqual((yield* claim(1)).jobs, [])
        yield* end(first(jobs), transition(kind))
        assert.strictEqual((yield* claim(5)).jobs.length, 1)
      })
  )

  it.effect("has room again when a job that was running has expired", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const lasting = yield* limitedType({ concurrency: 1 }, [null, null])
      const passing = yield* limitedType({ concurrency: 1 }, [null], { expiresIn: Duration.millis(9) })
      yield* lasting.claim(1)
      yield* passing.claim(1)
      yield* advance(9)
      yield* repo.expire(plenty)
      assert.deepStrictEqual((yield* passing.claim(1)).reached, [])
      assert.strictEqual((yield* lasting.claim(1)).reached.length, 1)
    })
  )

  it.effect("limits each worker by itself", () =>
    Effect.gen(function* () {
      const { claim, type } = yield* limitedType({ perWorker: 2 })
      const one = yield* claim(3, "one")
      assert.deepStrictEqual(
        [one.jobs.length, one.reached],
        [2, [{ limit: "perWorker", type, worker: "one" }]]
      )
      assert.strictEqual((yield* claim(1, "two")).jobs.length, 1)
      assert.strictEqual((yield* claim(1, "one")).jobs.length, 0)
      yield* end(first(one.jobs), transition("done"))
      assert.strictEqual((yield* claim(3, "one")).jobs.length, 1)
    })
  )

  it.effect("limits each fairness key by itself, and the jobs without one together", () =>
    Effect.gen(function* () {
      const { claim, type } = yield* limitedType({ perFairnessKey: 1 }, ["a", "a", "b", null, null])
      const { jobs, reached } = yield* claim(5)
      assert.sameMembers(keysOf(jobs), ["a", "b", null])
      assert.sameDeepMembers(
        [...reached],
        ["a", "b", null].map((fairnessKey) => ({ limit: "perFairnessKey", type, fairnessKey }))
      )
      const ofA = jobs.find(({ job }) => job.group.fairnessKey === "a")
      yield* end(present(ofA), transition("done"))
      assert.deepStrictEqual(keysOf((yield* claim(5)).jobs), ["a"])
    })
  )

  it.effect("lets no more begin in any period, to the millisecond, however they end", () =>
    Effect.gen(function* () {
      const period = Duration.seconds(1)
      const { claim, type } = yield* limitedType({ rateLimit: { limit: 2, period } })
      const reachedFor = (left: Duration.Input) => [
        { limit: "rateLimit", type, left: Duration.fromInputUnsafe(left) }
      ]
      assert.strictEqual((yield* claim(1)).jobs.length, 1)
      yield* advance(400)
      const { jobs, reached } = yield* claim(5)
      assert.deepStrictEqual([jobs.length, reached], [1, reachedFor(600)])
      yield* end(first(jobs), transition("released"))
      yield* advance(599)
      const early = yield* claim(5)
      assert.deepStrictEqual([early.jobs.length, early.reached], [0, reachedFor(1)])
      yield* advance(1)
      const late = yield* claim(5)
      assert.deepStrictEqual([late.jobs.length, late.reached], [1, reachedFor(400)])
      yield* advance(400)
      assert.strictEqual((yield* claim(5)).jobs.length, 1)
    })
  )

  it.effect("counts what has begun for a period more when the clock is set back, and no longer", () =>
    Effect.gen(function* () {
      const hour = 3_600_000
      const { claim, type } = yield* limitedType({ rateLimit: { limit: 2, period: Duration.seconds(1) } })
      const reachedFor = (left: number) => [{ limit: "rateLimit", type, left: Duration.millis(left) }]
      assert.strictEqual((yield* claim(1)).jobs.length, 1)
      yield* advance(100)
      assert.strictEqual((yield* claim(1)).jobs.length, 1)
      yield* advance(-hour)
      const { jobs, reached } = yield* claim(5)
      assert.deepStrictEqual([jobs.length, reached], [0, reachedFor(1_000)])
      yield* advance(999)
      const early = yield* claim(5)
      assert.deepStrictEqual([early.jobs.length, early.reached], [0, reachedFor(1)])
      yield* advance(1)
      assert.strictEqual((yield* claim(5)).jobs.length, 2)
      yield* advance(hour)
    })
  )

  it.effect("gives what is not limited beside what is", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [limited, other, free] = yield* insert(
        ...[newGroup({ fairnessKey: "a" }), newGroup(), newGroup()].map((group) => newJob({ group }))
      )
      const limits = { ...noLimits, concurrency: 1 }
      const sources = [
        sourceOf(present(limited), { limits }),
        sourceOf(present(other), { limits }),
        sourceOf(present(free))
      ]
      const claimed = yield* repo.claim(claimOf(sources, newSlots(9)))
      assert.sameMembers(
        claimed.jobs.map(({ job }) => job.id),
        [limited, other, free].map((job) => present(job).id)
      )
      assert.sameMembers(
        claimed.reached.map(({ type }) => type),
        [limited, other].map((job) => present(job).group.type)
      )
    })
  )

  it.effect("keeps to every limit with many claiming at once", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 60 }, (_, index) => `key-${index % 3}`)
      const { claim } = yield* limitedType({ concurrency: 7, perWorker: 3, perFairnessKey: 4 }, many)
      const workers = Array.from({ length: 12 }, (_, index) => `w${index % 6}`)
      const shares = yield* Effect.forEach(workers, (worker) => claim(2, worker), {
        concurrency: "unbounded"
      })
      const given = shares.flatMap(({ jobs }) => jobs)
      assert.strictEqual(given.length, 7)
      const most = (names: ReadonlyArray<string | null>) =>
        Math.max(...[...Map.groupBy(names, (name) => name).values()].map(({ length }) => length))
      assert.isAtMost(most(given.map(({ attempt }) => attempt.worker)), 3)
      assert.isAtMost(most(keysOf(given)), 4)
    })
  )

  it.effect("lets one begin, of many who claim at once, where one may in a period", () =>
    Effect.gen(function* () {
      const { claim } = yield* limitedType({ rateLimit: { limit: 1, period: Duration.minutes(1) } })
      const shares = yield* Effect.forEach(["a", "b", "c", "d"], (worker) => claim(2, worker), {
        concurrency: "unbounded"
      })
      assert.strictEqual(shares.flatMap(({ jobs }) => jobs).length, 1)
    })
  )
}
