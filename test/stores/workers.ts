/** What a store knows of workers. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { Suitability } from "../../src/domain/matching/Matching.ts"
import type { Quarantine } from "../../src/domain/policies/Policy.ts"
import { forgottenAfter, goneAfter, recentRuns } from "../../src/domain/workers/Worker.ts"
import { type WorkDone, WorkerRepo } from "../../src/domain/workers/WorkerRepo.ts"
import {
  end,
  first,
  newGroup,
  newName,
  plenty,
  present,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

const see = (worker: string, suitability: Partial<Suitability> | null = null) =>
  Effect.flatMap(WorkerRepo, (repo) =>
    repo.see([{ worker, suitability: suitability && { types: [], skills: {}, accepts: [], ...suitability } }])
  )

const accepts: Suitability["accepts"] = [
  { tag: "gdpr", op: "absent" },
  { property: "priority", op: "gte", value: 5 }
]

const find = (worker: string) => Effect.flatMap(WorkerRepo, (repo) => Effect.map(repo.find([worker]), first))

const work = (wishes: Partial<WorkDone>): WorkDone => ({
  worker: "worker",
  type: "type",
  done: 0,
  failed: 0,
  lost: 0,
  runs: [],
  ...wishes
})

const restrictionOf = (worker: string) =>
  Effect.flatMap(WorkerRepo, (repo) =>
    Effect.map(repo.restricted, (all) => all.find((one) => one.worker === worker))
  )

const millis = (count: number) => Duration.millis(count)
const rule: Quarantine = { failures: 2, within: millis(100), for: millis(50) }

/** Lets a worker fail a job of the type. */
const fail = Effect.fnUntraced(function* (worker: string, type: string, how: "failed" | "lost" = "failed") {
  const started = yield* startOne({ job: { group: newGroup({ type }) }, slot: { worker } })
  return present(yield* end(started, transition(how)))
})

const suspect = (worker: string, type: string, quarantine = rule) =>
  Effect.flatMap(WorkerRepo, (repo) =>
    Effect.map(repo.quarantine([{ worker, type, quarantine }]), (found) => found.length === 1)
  )

export const workers = ({ advance, it }: Suite): void => {
  it.effect("takes note of workers, and of what they asked for last", () =>
    Effect.gen(function* () {
      const worker = newName("worker")
      assert.deepStrictEqual(yield* see(worker, { types: ["a", "b.*"], skills: { memoryGb: 8 }, accepts }), [
        worker
      ])
      const seen = yield* find(worker)
      assert.deepStrictEqual(
        [seen.state, seen.present, seen.types, seen.skills, seen.running, seen.record, seen.quarantines],
        ["active", true, ["a", "b.*"], { memoryGb: 8 }, [], [], []]
      )
      assert.deepStrictEqual(seen.accepts, accepts)
      yield* advance(5)
      assert.deepStrictEqual(yield* see(worker), [])
      const again = yield* find(worker)
      assert.deepStrictEqual([again.types, again.accepts], [["a", "b.*"], accepts])
      assert.deepStrictEqual(again.firstSeenAt, seen.firstSeenAt)
      assert.strictEqual(
        DateTime.toEpochMillis(present(again.lastSeenAt)) - DateTime.toEpochMillis(present(seen.lastSeenAt)),
        5
      )
    })
  )

  it.effect("adds up what workers do, and tells the median of the last runs", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const worker = newName("worker")
      yield* see(worker)
      yield* repo.credit([
        work({ worker, type: "b", done: 2, runs: [millis(30), millis(10)] }),
        work({ worker, type: "a", lost: 1 })
      ])
      yield* repo.credit([work({ worker, type: "b", done: 1, failed: 4, runs: [millis(20)] })])
      assert.deepStrictEqual((yield* find(worker)).record, [
        { type: "a", done: 0, failed: 0, lost: 1, medianRun: null },
        { type: "b", done: 3, failed: 4, lost: 0, medianRun: millis(20) }
      ])
      const fast = Array.from({ length: recentRuns }, () => millis(1))
      yield* repo.credit([work({ worker, type: "b", done: recentRuns, runs: fast })])
      assert.deepStrictEqual((yield* find(worker)).record[1]?.medianRun, millis(1))
    })
  )

  it.effect("shows what a worker holds", () =>
    Effect.gen(function* () {
      const worker = newName("worker")
      yield* see(worker)
      const started = yield* startOne({ slot: { worker } })
      const { attempt, job } = started
      assert.deepStrictEqual((yield* find(worker)).running, [
        {
          job: job.id,
          attempt: attempt.id,
          type: job.group.type,
          startedAt: attempt.startedAt,
          leaseExpiresAt: attempt.leaseExpiresAt
        }
      ])
      yield* end(started, transition("done"))
      assert.deepStrictEqual((yield* find(worker)).running, [])
    })
  )

  it.effect("puts workers into a state, whether they were seen or not", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const worker = newName("worker")
      yield* repo.change({ worker, state: "banned", reason: "stole", by: "ada" })
      const banned = yield* find(worker)
      assert.deepStrictEqual(
        [banned.state, banned.reason, banned.changedBy, banned.lastSeenAt, banned.present],
        ["banned", "stole", "ada", null, false]
      )
      assert.deepStrictEqual(yield* restrictionOf(worker), { worker, state: "banned", quarantines: [] })
      yield* see(worker)
      assert.strictEqual((yield* find(worker)).state, "banned")
      yield* repo.change({ worker, state: "active", reason: null, by: null })
      assert.isUndefined(yield* restrictionOf(worker))
    })
  )

  it.effect("lists workers by name and state, in pages", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const prefix = newName("page")
      const names = ["A", "a", "b", "c"].map((end) => `${prefix}-${end}`)
      yield* repo.see(names.toReversed().map((worker) => ({ worker, suitability: null })))
      yield* repo.change({ worker: `${prefix}-b`, state: "paused", reason: null, by: null })
      const page = yield* repo.list({ after: `${prefix}-`, state: null, limit: 3 })
      assert.deepStrictEqual(
        page.items.map(({ name }) => name),
        names.slice(0, 3)
      )
      assert.isTrue(page.hasMore)
      const paused = yield* repo.list({ after: `${prefix}-`, state: "paused", limit: plenty })
      assert.deepStrictEqual(
        paused.items.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name),
        [`${prefix}-b`]
      )
    })
  )

  it.effect("lists those who are present by name", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      // Before all others, as far as they are named by hand.
      const prefix = newName("!present")
      yield* repo.see(["b", "a"].map((end) => ({ worker: `${prefix}-${end}`, suitability: null })))
      yield* repo.change({ worker: `${prefix}-never-seen`, state: "paused", reason: null, by: null })
      const all = yield* repo.present(plenty)
      assert.deepStrictEqual(
        all.items.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name),
        [`${prefix}-a`, `${prefix}-b`]
      )
      assert.isTrue(all.items.every(({ present }) => present))
      const page = yield* repo.present(1)
      assert.deepStrictEqual(page, { items: all.items.slice(0, 1), hasMore: all.items.length > 1 })
    })
  )

  it.effect("puts a worker into quarantine that failed or lost enough jobs of a type within the time", () =>
    Effect.gen(function* () {
      const [worker, type] = [newName("worker"), newName("type")]
      yield* see(worker)
      yield* fail(worker, type)
      assert.isFalse(yield* suspect(worker, type))
      yield* fail(worker, newName("other"))
      yield* fail(newName("other"), type)
      assert.isFalse(yield* suspect(worker, type))
      yield* advance(99)
      yield* fail(worker, type, "lost")
      const repo = yield* WorkerRepo
      const [quarantined] = yield* repo.quarantine([{ worker, type, quarantine: rule }])
      assert.deepStrictEqual([quarantined?.worker, quarantined?.type], [worker, type])
      assert.deepStrictEqual(quarantined?.until, (yield* find(worker)).quarantines[0]?.until)
      assert.deepStrictEqual(yield* restrictionOf(worker), {
        worker,
        state: "active",
        quarantines: [{ type, left: millis(50) }]
      })
    })
  )

  it.effect("counts no failure that is as old as the time", () =>
    Effect.gen(function* () {
      const [worker, type] = [newName("worker"), newName("type")]
      yield* fail(worker, type)
      yield* advance(100)
      yield* fail(worker, type)
      assert.isFalse(yield* suspect(worker, type))
      assert.isUndefined(yield* restrictionOf(worker))
    })
  )

  it.effect("ends a quarantine when its time is over, and then counts anew", () =>
    Effect.gen(function* () {
      const [worker, type] = [newName("worker"), newName("type")]
      yield* fail(worker, type)
      yield* fail(worker, type)
      assert.isTrue(yield* suspect(worker, type))
      assert.isFalse(yield* suspect(worker, type))
      yield* advance(49)
      assert.deepStrictEqual((yield* restrictionOf(worker))?.quarantines, [{ type, left: millis(1) }])
      yield* advance(1)
      assert.isUndefined(yield* restrictionOf(worker))
      yield* fail(worker, type)
      assert.isFalse(yield* suspect(worker, type))
      yield* fail(worker, type)
      assert.isTrue(yield* suspect(worker, type))
    })
  )

  it.effect("notices workers that are gone, but not those that hold a job", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const [idle, busy] = [newName("idle"), newName("busy")]
      yield* see(idle)
      yield* see(busy)
      const started = yield* startOne({ slot: { worker: busy } })
      const noticed = Effect.map(repo.noticeGone(plenty), ({ done }) =>
        done.filter((name) => name === idle || name === busy)
      )
      yield* advance(Duration.subtract(goneAfter, millis(1)))
      assert.deepStrictEqual(yield* noticed, [])
      yield* advance(1)
      assert.deepStrictEqual(yield* noticed, [idle])
      assert.deepStrictEqual(yield* noticed, [])
      assert.isFalse((yield* find(idle)).present)
      assert.isTrue((yield* find(busy)).present)
      yield* end(started, transition("done"))
      assert.deepStrictEqual(yield* noticed, [busy])
      assert.deepStrictEqual(yield* see(idle), [idle])
    })
  )

  it.effect("forgets workers that were gone for long, unless the supervisor ruled on them", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const [forgotten, banned] = [newName("worker"), newName("worker")]
      yield* repo.see([forgotten, banned].map((worker) => ({ worker, suitability: null })))
      yield* repo.credit([work({ worker: forgotten, done: 1 })])
      yield* repo.change({ worker: banned, state: "banned", reason: null, by: null })
      yield* advance(goneAfter)
      yield* repo.noticeGone(plenty)
      yield* advance(Duration.subtract(forgottenAfter, Duration.sum(goneAfter, millis(1))))
      yield* repo.forget(plenty)
      assert.strictEqual((yield* repo.find([forgotten, banned])).length, 2)
      yield* advance(1)
      yield* repo.noticeGone(plenty)
      assert.strictEqual((yield* repo.find([forgotten, banned])).length, 2)
      assert.include((yield* repo.forget(plenty)).done, forgotten)
      assert.deepStrictEqual(
        (yield* repo.find([forgotten, banned])).map(({ name }) => name),
        [banned]
      )
      yield* see(forgotten)
      assert.deepStrictEqual((yield* find(forgotten)).record, [])
    })
  )
}
