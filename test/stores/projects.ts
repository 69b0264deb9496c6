/** How a store keeps projects, and what they take and end with. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { BulkActionRepo } from "../../src/domain/jobs/BulkActionRepo.ts"
import type { ProjectId } from "../../src/domain/Identifiers.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobInsert, Submission } from "../../src/domain/jobs/Submission.ts"
import { noJobs } from "../../src/domain/stats/Flow.ts"
import { projectLifetime, projectRecheck, ProjectRepo } from "../../src/domain/projects/ProjectRepo.ts"
import { RetentionRepo } from "../../src/domain/jobs/RetentionRepo.ts"
import {
  addProject,
  cancellation,
  cancelling,
  end,
  findOne,
  first,
  insertOne,
  newJob,
  newName,
  newProjectId,
  plenty,
  present,
  startOne,
  submission,
  type Suite,
  transition
} from "./StoreKit.ts"

const submit = (jobs: ReadonlyArray<JobInsert>, details: Partial<Submission> = {}) =>
  Effect.flatMap(JobRepo, (repo) => Effect.map(repo.insert([{ ...submission(jobs), ...details }]), first))

const inProject = (project: ProjectId) => newJob({ project })
const insertOf = (id: ProjectId) => ({
  id,
  name: "a name",
  metadata: { é: [1, "\u0000"] },
  isClosed: false,
  createdBy: "ann"
})

const close = (id: ProjectId) => Effect.flatMap(ProjectRepo, (repo) => repo.close(id))
const finish = (...ids: ReadonlyArray<ProjectId>) =>
  Effect.flatMap(ProjectRepo, (repo) =>
    Effect.map(repo.finish(ids), (all) => all.map(({ project }) => project.id))
  )
const count = (id: ProjectId) => Effect.flatMap(ProjectRepo, (repo) => Effect.map(repo.count(id), present))

export const projects = ({ advance, it }: Suite): void => {
  it.effect("stores a project with its jobs, and gives it back as it was", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const id = newProjectId()
      const stored = yield* submit([inProject(id), inProject(id)], { newProject: insertOf(id) })
      const { createdAt } = first(stored._tag === "Created" ? stored.jobs : [])
      const expected = {
        id,
        name: "a name",
        metadata: insertOf(id).metadata,
        createdBy: "ann",
        createdAt,
        closedAt: null,
        cancelRequest: null,
        finishedAt: null
      }
      assert.deepStrictEqual(yield* repo.find(id), expected)
      assert.deepStrictEqual(yield* count(id), {
        project: expected,
        counts: { ...noJobs, pending: 2 },
        runningPercent: 0
      })
      assert.isNull(yield* repo.find(newProjectId()))
      assert.isNull(yield* repo.count(newProjectId()))
    })
  )

  it.effect("stores nothing twice for the same key, though there be no jobs", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const idempotency = { key: newName("key"), fingerprint: "f" }
      const [one, other] = [newProjectId(), newProjectId()]
      const create = (id: ProjectId) => submit([], { newProject: insertOf(id), idempotency })
      assert.deepStrictEqual(yield* create(one), { _tag: "Created", jobs: [] })
      const repeated = { _tag: "Repeated", jobs: [], fingerprint: "f", project: one } as const
      assert.deepStrictEqual(yield* create(other), repeated)
      assert.isNull(yield* repo.find(other))
    })
  )

  it.effect("takes jobs only into projects that are there, open, and may be added to", () =>
    Effect.gen(function* () {
      const jobs = yield* JobRepo
      const unknown = newProjectId()
      const open = yield* addProject({ createdBy: "ann" })
      const closed = yield* addProject({ isClosed: true })
      const refused = (project: ProjectId, refusal: string) => ({ _tag: "Refused", project, refusal })
      const plain = newJob()
      const answers = yield* jobs.insert([
        submission([inProject(unknown)]),
        submission([plain]),
        submission([inProject(open), inProject(closed)]),
        { ...submission([inProject(open)]), projectsOf: "bob" },
        { ...submission([inProject(open)]), projectsOf: "ann" }
      ])
      assert.deepStrictEqual<ReadonlyArray<unknown>>(
        answers.map((answer) => (answer._tag === "Created" ? answer.jobs.length : answer)),
        [refused(unknown, "unknown"), 1, refused(closed, "closed"), refused(open, "foreign"), 1]
      )
      assert.deepStrictEqual((yield* count(open)).counts, { ...noJobs, pending: 1 })
      assert.deepStrictEqual((yield* count(closed)).counts, noJobs)
      assert.isNotNull(yield* findOne(plain.id))
    })
  )

  it.effect("recognises a key that was used before the project was closed", () =>
    Effect.gen(function* () {
      const project = yield* addProject()
      const idempotency = { key: newName("key"), fingerprint: "f" }
      const job = inProject(project)
      assert.strictEqual((yield* submit([job], { idempotency }))._tag, "Created")
      yield* close(project)
      assert.deepStrictEqual(yield* submit([inProject(project)], { idempotency }), {
        _tag: "Repeated",
        jobs: [job.id],
        fingerprint: "f",
        project: null
      })
    })
  )

  it.effect(
    "recognises a key that was used before in the same batch, whatever project is named with it",
    () =>
      Effect.gen(function* () {
        const jobs = yield* JobRepo
        const closed = yield* addProject({ isClosed: true })
        const idempotency = { key: newName("key"), fingerprint: "f" }
        const [first, ...others] = yield* jobs.insert([
          { ...submission([newJob()]), idempotency },
          { ...submission([inProject(closed)]), idempotency: { ...idempotency, fingerprint: "g" } },
          submission([inProject(closed)])
        ])
        const created = first?._tag === "Created" ? first.jobs.map(({ id }) => id) : []
        assert.lengthOf(created, 1)
        assert.deepStrictEqual<unknown>(others, [
          { _tag: "Repeated", jobs: created, fingerprint: "f", project: null },
          { _tag: "Refused", project: closed, refusal: "closed" }
        ])
      })
  )

  it.effect("finishes once what is closed and has no unfinished jobs", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const [open, empty, busy] = [yield* addProject(), yield* addProject(), yield* addProject()]
      const done = yield* startOne({ job: { project: busy } })
      yield* end(done, transition("done"))
      const running = yield* startOne({ job: { project: busy } })
      yield* close(empty)
      const closed = present(yield* close(busy))
      assert.isNotNull(closed.closedAt)
      assert.deepStrictEqual(yield* close(busy), closed)
      assert.deepStrictEqual(yield* finish(open, empty, busy, empty, newProjectId()), [empty])
      assert.notInclude(yield* repo.finishable(plenty), busy)
      yield* end(running, transition("failed"))
      assert.include(yield* repo.finishable(plenty), busy)
      const servers = yield* Effect.all(
        Array.from({ length: 5 }, () => finish(busy)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(servers.flat(), [busy])
      const { counts, project } = yield* count(busy)
      assert.deepStrictEqual(counts, { ...noJobs, done: 1, failed: 1 })
      assert.isNotNull(project.finishedAt)
      assert.notInclude(yield* repo.finishable(plenty), busy)
    })
  )

  it.effect("finishes a project whose last jobs end at the same moment", () =>
    Effect.gen(function* () {
      for (let round = 0; round < 5; round++) {
        const project = yield* addProject()
        const last = [yield* startOne({ job: { project } }), yield* startOne({ job: { project } })]
        yield* close(project)
        const endThenFinish = (job: (typeof last)[number]) =>
          Effect.andThen(end(job, transition("done")), finish(project))
        const told = yield* Effect.forEach(last, endThenFinish, { concurrency: "unbounded" })
        assert.deepStrictEqual(told.flat(), [project])
      }
    })
  )

  it.effect("is no longer finished when a job is retried, and never so beside an unfinished one", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const project = yield* addProject()
      const job = yield* insertOne({ project })
      yield* (yield* ProjectRepo).cancel(project, cancelling(project))
      yield* repo.cancel([cancellation(job.id, Duration.zero)])
      assert.deepStrictEqual(yield* finish(project), [project])
      yield* repo.retry([job.id])
      const { counts, project: reopened } = yield* count(project)
      assert.deepStrictEqual(counts, { ...noJobs, pending: 1 })
      assert.isNull(reopened.finishedAt)
      assert.isNull(reopened.cancelRequest)
      assert.isNotNull(reopened.closedAt)
      for (let round = 0; round < 10; round++) {
        yield* repo.cancel([cancellation(job.id, Duration.zero)])
        yield* Effect.all([finish(project), repo.retry([job.id])], { concurrency: "unbounded" })
        assert.isNull((yield* count(project)).project.finishedAt)
      }
      yield* repo.cancel([cancellation(job.id, Duration.zero)])
      assert.deepStrictEqual(yield* finish(project), [project])
    })
  )

  it.effect("keeps the first wish to cancel, and takes none after the end", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const project = yield* addProject()
      const wish = (by: string) => repo.cancel(project, cancelling(project, by))
      assert.deepStrictEqual(present(yield* wish("ann")).cancelRequest, { by: "ann", reason: null })
      assert.deepStrictEqual(present(yield* wish("bob")).cancelRequest, { by: "ann", reason: null })
      yield* finish(project)
      assert.isNull(yield* wish("eve"))
      assert.isNotNull(yield* close(project))
      assert.isNull(yield* close(newProjectId()))
    })
  )

  it.effect("is to be cancelled together with the action that cancels its unfinished jobs", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const actions = yield* BulkActionRepo
      const project = yield* addProject()
      const jobs = [yield* insertOne({ project }), yield* insertOne({ project, delay: Duration.hours(1) })]
      yield* insertOne({ project: yield* addProject() })
      yield* end(yield* startOne({ job: { project } }), transition("done"))
      const wish = cancelling(project, "ann", "why")
      const closed = present(yield* repo.cancel(project, wish))
      assert.isNotNull(closed.closedAt)
      const action = present(yield* actions.find(wish.id))
      assert.deepInclude(action, { ...wish, matched: 2, done: 0, finishedAt: null })
      const ids = (yield* actions.look(action, plenty)).jobs.map(({ id }) => id)
      assert.deepStrictEqual(
        ids.toReversed(),
        jobs.map(({ id }) => id)
      )
      yield* (yield* JobRepo).cancel(ids.map((id) => cancellation(id, Duration.zero)))
      const needless = cancelling(project)
      assert.isNotNull(yield* repo.cancel(project, needless))
      yield* finish(project)
      const late = cancelling(project)
      assert.isNull(yield* repo.cancel(project, late))
      const unknown = newProjectId()
      assert.isNull(yield* repo.cancel(unknown, cancelling(unknown)))
      for (const { id } of [needless, late]) assert.isNull(yield* actions.find(id))
    })
  )

  it.effect("counts what its running jobs say of their progress", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const project = yield* addProject()
      for (const percent of [40, 5.5, null]) {
        const { attempt, job } = yield* startOne({ job: { project } })
        const write = { attempt: attempt.id, job: job.id, mark: 0, events: [], message: null }
        yield* repo.recordProgress([{ ...write, percent, checkpoint: undefined }])
      }
      yield* insertOne({ project, delay: Duration.hours(1) })
      const { counts, runningPercent } = yield* count(project)
      assert.deepStrictEqual(counts, { ...noJobs, processing: 3, scheduled: 1 })
      assert.strictEqual(runningPercent, 45.5)
    })
  )

  it.effect("lists projects, newest first, page by page", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const ids = [yield* addProject(), yield* addProject(), yield* addProject()]
      const page = (before: ProjectId | undefined, limit: number) =>
        Effect.map(repo.list({ before, limit }), ({ hasMore, items }) => [items.map(({ id }) => id), hasMore])
      assert.deepStrictEqual(yield* page(ids[2], 1), [[ids[1]], true])
      const [newest] = (yield* repo.list({ before: undefined, limit: 1 })).items
      assert.isTrue(present(newest).id >= present(ids[2]))
      assert.isFalse((yield* repo.list({ before: undefined, limit: plenty })).hasMore)
    })
  )

  it.effect("deletes a finished project when its time has come and its last job is gone", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const retention = yield* RetentionRepo
      const [empty, open] = [yield* addProject({ isClosed: true }), yield* addProject()]
      const full = yield* addProject()
      const job = yield* insertOne({ project: full })
      yield* (yield* JobRepo).cancel([cancellation(job.id, Duration.zero)])
      yield* close(full)
      yield* finish(empty, full)
      const { finishedAt } = (yield* count(empty)).project
      assert.isTrue(DateTime.isDateTime(finishedAt))
      const left = Effect.map(
        Effect.forEach([empty, full, open], (id) => repo.find(id)),
        (found) => found.map((project) => project !== null)
      )
      yield* advance(Duration.toMillis(projectLifetime) - 1)
      yield* repo.deleteFinished(plenty)
      assert.deepStrictEqual(yield* left, [true, true, true])
      yield* advance(1)
      assert.include((yield* repo.deleteFinished(plenty)).done, empty)
      assert.deepStrictEqual(yield* left, [false, true, true])
      const { type } = job.group
      yield* retention.deleteFinished([{ type, kind: "failed", age: Duration.zero }], plenty)
      // What it ended with is known though the job is gone.
      assert.deepStrictEqual((yield* count(full)).counts, { ...noJobs, cancelled: 1 })
      yield* repo.deleteFinished(plenty)
      assert.deepStrictEqual(yield* left, [false, true, true])
      yield* advance(projectRecheck)
      yield* repo.deleteFinished(plenty)
      assert.deepStrictEqual(yield* left, [false, false, true])
    })
  )
}
