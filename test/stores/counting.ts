/** What a store counts. Jobs of other tests are counted as well. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { CountsRepo } from "../../src/domain/stats/CountsRepo.ts"
import { byType, countsOf, type Flow, noJobs, totalsOf } from "../../src/domain/stats/Flow.ts"
import type { ProjectId } from "../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobInsert } from "../../src/domain/jobs/Submission.ts"
import { ProjectRepo } from "../../src/domain/projects/ProjectRepo.ts"
import { RetentionRepo } from "../../src/domain/jobs/RetentionRepo.ts"
import {
  addProject,
  cancellation,
  claim,
  end,
  findOne,
  first,
  insert,
  newGroup,
  newJob,
  newName,
  newSlots,
  plenty,
  present,
  sourceOf,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

const flowsOf = (type: string) =>
  Effect.flatMap(CountsRepo, (repo) =>
    Effect.map(repo.flows(plenty), (flows) => byType(flows).get(type) ?? [])
  )

const countJobs = (jobs: ReadonlyArray<JobRecord>) =>
  jobs.reduce((sum, { status }) => ({ ...sum, [status]: sum[status] + 1 }), countsOf([]))

/** The jobs of a type by status, counted one by one. */
const recount = Effect.fnUntraced(function* (type: string) {
  const repo = yield* JobRepo
  return countJobs((yield* repo.list({ type, limit: plenty })).items)
})

/** All jobs of the store. */
const allJobs = Effect.gen(function* () {
  const repo = yield* JobRepo
  const jobs: Array<JobRecord> = []
  while (true) {
    const { hasMore, items } = yield* repo.list({ before: jobs.at(-1)?.id, limit: plenty })
    jobs.push(...items)
    if (!hasMore) return jobs
  }
})

const sum = (flows: ReadonlyArray<Flow>) => flows.reduce((all, { count }) => all + count, 0)

export const counting = ({ advance, it }: Suite): void => {
  it.effect("counts what happens to jobs, as it happens", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const type = newName("type")
      const group = newGroup({ type })
      const wishes = { job: { group } }
      assert.deepStrictEqual(yield* flowsOf(type), [])
      const jobs = yield* insert(
        newJob({ group }),
        newJob({ group }),
        newJob({ group: { ...group, priority: 1 } }),
        newJob({ group, delay: Duration.seconds(1) }),
        newJob({ group, expiresIn: Duration.seconds(2) })
      )
      assert.deepInclude(countsOf(yield* flowsOf(type)), { pending: 4, scheduled: 1 })
      yield* repo.cancel([cancellation(first(jobs).id, Duration.zero)])
      yield* repo.retry([first(jobs).id])
      const [one, two, three] = yield* claim([sourceOf(first(jobs))], newSlots(3))
      yield* end(present(one), transition("done"))
      yield* end(present(two), transition("failed"))
      const again = yield* startAgain(present(yield* end(present(three), transition("lost"))))
      yield* end(again, transition("retrying"))
      yield* startOne(wishes)
      yield* advance(5_000)
      yield* repo.promote(plenty)
      yield* repo.expire(plenty)

      const flows = yield* flowsOf(type)
      assert.deepStrictEqual(countsOf(flows), yield* recount(type))
      assert.deepStrictEqual(totalsOf(flows), {
        created: 6,
        assigned: 5,
        returned: 2,
        done: 1,
        // One of them expired.
        failed: 2,
        cancelled: 1,
        retried: 1
      })
    })
  )

  it.effect("counts an expired job as failed, whether it waited or ran", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const type = newName("type")
      const job = { group: newGroup({ type }), expiresIn: Duration.seconds(1) }
      yield* startOne({ job })
      yield* insert(newJob(job))
      yield* advance(1_000)
      yield* repo.expire(plenty)
      assert.deepStrictEqual(
        (yield* flowsOf(type)).filter(({ after }) => after === "failed").map(({ before }) => before),
        ["pending", "processing"]
      )
      assert.deepInclude(countsOf(yield* flowsOf(type)), { pending: 0, processing: 0, failed: 2 })
    })
  )

  it.effect("counts nothing when nothing changed", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const type = newName("type")
      const started = yield* startOne({ job: { group: newGroup({ type }) } })
      const before = yield* flowsOf(type)
      yield* repo.cancel([cancellation(started.job.id, Duration.hours(1))])
      yield* repo.renew([{ job: started.job.id, attempt: started.attempt.id, worker: "worker" }])
      yield* repo.retry([started.job.id])
      yield* end(started, transition("done"), { worker: "another" })
      assert.deepStrictEqual(yield* flowsOf(type), before)
    })
  )

  it.effect("counts jobs that are deleted no more, and forgets nothing of what they did", () =>
    Effect.gen(function* () {
      const retention = yield* RetentionRepo
      const type = newName("type")
      yield* end(yield* startOne({ job: { group: newGroup({ type }) } }), transition("done"))
      const before = totalsOf(yield* flowsOf(type))
      yield* advance(1_000)
      assert.strictEqual(
        yield* retention.deleteFinished([{ type, kind: "done", age: Duration.seconds(1) }], plenty),
        1
      )
      assert.deepStrictEqual(countsOf(yield* flowsOf(type)), countsOf([]))
      assert.deepStrictEqual(totalsOf(yield* flowsOf(type)), before)
    })
  )

  it.effect("tells the same before and after it has added up what happened", () =>
    Effect.gen(function* () {
      const repo = yield* CountsRepo
      yield* insert(newJob(), newJob())
      const before = yield* repo.flows(plenty)
      while ((yield* repo.rollUp(2)) > 0);
      assert.deepStrictEqual(yield* repo.flows(plenty), before)
      yield* insert(newJob())
      assert.strictEqual(sum(yield* repo.flows(plenty)), sum(before) + 1)
    })
  )

  it.effect("tells of the busiest types one by one, and of the others together", () =>
    Effect.gen(function* () {
      const repo = yield* CountsRepo
      yield* insert(newJob(), newJob())
      const all = yield* repo.flows(plenty)
      assert.isFalse(byType(all).has(null))
      const weights = [...byType(all).values()].map(sum)
      assert.deepStrictEqual(
        weights,
        weights.toSorted((left, right) => right - left)
      )
      const few = yield* repo.flows(1)
      const [[busiest] = [], [others] = []] = byType(few)
      assert.deepStrictEqual([busiest, others], [all[0]?.type, null])
      assert.deepStrictEqual(totalsOf(few), totalsOf(all))
    })
  )

  it.effect("knows since when the oldest pending job of each type is due, of whatever group", () =>
    Effect.gen(function* () {
      const repo = yield* CountsRepo
      const [type, other, scheduled] = [newName("type"), newName("type"), newName("type")]
      const oldest = first(yield* insert(newJob({ group: newGroup({ type, priority: -1 }) })))
      yield* advance(1_000)
      const later = yield* insert(
        newJob({ group: newGroup({ type }) }),
        newJob({ group: newGroup({ type: other }) }),
        newJob({ group: newGroup({ type: scheduled }), delay: Duration.seconds(1) })
      )
      const told = () =>
        Effect.map(repo.oldestPending([type, other, scheduled]), (found) =>
          Object.fromEntries(found.map(({ runAt, type }) => [type, DateTime.toEpochMillis(runAt)]))
        )
      const since = DateTime.toEpochMillis(oldest.runAt)
      assert.deepStrictEqual(yield* told(), { [type]: since, [other]: since + 1_000 })
      yield* claim([sourceOf(oldest), sourceOf(present(later[1]))], newSlots(2))
      assert.deepStrictEqual(yield* told(), { [type]: since + 1_000 })
    })
  )
}

/** The counts of a project, of which nothing is left out or told twice while what happened is added up. */
const standingOf = Effect.fnUntraced(function* (project: ProjectId) {
  const projects = yield* ProjectRepo
  const { counts } = present(yield* projects.count(project))
  while ((yield* (yield* CountsRepo).rollUp(2)) > 0);
  assert.deepStrictEqual(present(yield* projects.count(project)).counts, counts)
  return counts
})

export const countingProjects = ({ advance, it }: Suite): void => {
  it.effect("counts the jobs of a project through all that may happen to them", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const project = yield* addProject()
      const group = newGroup()
      const job = (details: Partial<JobInsert> = {}) => newJob({ group, project, ...details })
      const expected = Effect.map(repo.list({ project, limit: plenty }), ({ items }) => countJobs(items))
      const assertCounted = Effect.gen(function* () {
        assert.deepStrictEqual(yield* standingOf(project), yield* expected)
      })
      const later = Duration.seconds(1)
      const jobs = yield* insert(job(), job(), job(), job(), job({ delay: later }), job({ delay: later }))
      yield* insert(newJob({ group: newGroup() }), newJob({ project: yield* addProject() }))
      yield* assertCounted
      yield* repo.cancel([cancellation(first(jobs).id, Duration.zero)])
      yield* assertCounted
      yield* repo.retry([first(jobs).id])
      yield* repo.amend([{ job: first(jobs).id, amendment: { runAt: DateTime.makeUnsafe(8e12) } }])
      yield* assertCounted
      const claimed = yield* claim([sourceOf(first(jobs))], newSlots(3))
      yield* assertCounted
      for (const [place, kind] of (["done", "failed", "lost"] as const).entries()) {
        yield* end(present(claimed[place]), transition(kind))
      }
      yield* assertCounted
      yield* end(yield* startAgain(yield* findOne(present(claimed[2]).job.id)), transition("retrying"))
      yield* advance(1_000)
      yield* repo.promote(plenty)
      yield* assertCounted
      const expiring = { group: newGroup(), expiresIn: Duration.seconds(1) }
      yield* startOne({ job: job(expiring) })
      yield* insert(job(expiring))
      yield* advance(1_000)
      yield* repo.expire(plenty)
      yield* assertCounted
      const counts = yield* standingOf(project)
      assert.deepStrictEqual(counts, { ...noJobs, scheduled: 2, pending: 2, done: 1, failed: 3 })
      const retention = yield* RetentionRepo
      yield* retention.deleteFinished([{ type: group.type, kind: "failed", age: Duration.zero }], plenty)
      assert.deepStrictEqual(yield* standingOf(project), { ...counts, failed: 2 })
    })
  )
}

/** The last part of a suite: that the store has counted right whatever the other parts did. */
export const havingCounted = ({ it }: Suite): void => {
  it.effect("has counted all that was done to all jobs", () =>
    Effect.gen(function* () {
      const counts = yield* CountsRepo
      const repo = yield* JobRepo
      const jobs = new Map<string | null, ReadonlyArray<JobRecord>>(
        Object.entries(Object.groupBy(yield* allJobs, ({ group }) => group.type)).map(([type, ofType]) => [
          type,
          ofType ?? []
        ])
      )
      const flows = byType(yield* counts.flows(plenty))
      for (const type of new Set([...jobs.keys(), ...flows.keys()])) {
        assert.deepStrictEqual(countsOf(flows.get(type) ?? []), countJobs(jobs.get(type) ?? []), `${type}`)
      }
      const projects = yield* ProjectRepo
      for (const { finishedAt, id } of (yield* projects.list({ before: undefined, limit: plenty })).items) {
        const ofProject = (yield* repo.list({ project: id, limit: plenty })).items
        // What a project was finished with is told as it was.
        if (finishedAt === null) assert.deepStrictEqual(yield* standingOf(id), countJobs(ofProject))
      }
    })
  )
}
