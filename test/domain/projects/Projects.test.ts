/** Projects end with their last job, whatever happens to the servers that end it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { EventFeed } from "../../../src/domain/events/EventFeed.ts"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { type NewProject, Projects } from "../../../src/domain/projects/Projects.ts"
import { DutiesLive } from "../../../src/server/Application.ts"
import { cancelling, first } from "../../stores/StoreKit.ts"
import { anybody, claimNow, finish, makeOutage, pass, settle, submit, world } from "../support/world.ts"

const withDuties = Layer.provideMerge(DutiesLive, world())

const create = (wish: Partial<NewProject> = {}) =>
  Effect.flatMap(Projects, (projects) =>
    Effect.orDie(projects.create({ name: "project", ...wish }, anybody, Option.none()))
  )

/** How often the feed has told that a project is finished. */
const countEnds = Effect.gen(function* () {
  const feed = yield* EventFeed
  let ends = 0
  yield* Effect.forkScoped(
    Stream.runForEach(feed.read({ event: "project.finished" }, Option.none()), (items) =>
      Effect.sync(() => {
        ends += items.filter(({ event }) => event === "project.finished").length
      })
    )
  )
  yield* settle
  return () => ends
})

describe("projects", () => {
  it.effect("are finished soon after their last job, and that is told once", () =>
    Effect.gen(function* () {
      const projects = yield* Projects
      const ends = yield* countEnds
      const { counted } = yield* create({ jobs: [{ type: "a" }, { type: "a" }], closed: true })
      const { id } = counted.project
      yield* finish(first(yield* claimNow()))
      yield* pass("1 second")
      assert.isNull((yield* projects.find(id)).project.finishedAt)
      yield* finish(first(yield* claimNow()))
      yield* pass("100 millis")
      assert.isNotNull((yield* projects.find(id)).project.finishedAt)
      yield* pass("1 minute")
      assert.strictEqual(ends(), 1)
    }).pipe(Effect.scoped, Effect.provide(withDuties))
  )

  it.effect("are told to be finished also if who closed them has hung up meanwhile", () => {
    const late = (repo: typeof ProjectRepo.Service) => ({
      finish: (ids: ReadonlyArray<ProjectId>) => Effect.tap(repo.finish(ids), () => Effect.sleep("1 second"))
    })
    return Effect.gen(function* () {
      const projects = yield* Projects
      const ends = yield* countEnds
      const { counted } = yield* create()
      const closing = yield* Effect.forkChild(projects.close(counted.project.id, anybody))
      yield* pass("500 millis")
      assert.isNotNull((yield* projects.find(counted.project.id)).project.finishedAt)
      yield* Effect.forkChild(Fiber.interrupt(closing))
      yield* pass("1 second")
      assert.strictEqual(ends(), 1)
    }).pipe(Effect.scoped, Effect.provide(world({ changeProjects: late })))
  })

  it.effect("are finished soon if their last job ends while they are looked at", () => {
    let meanwhile: Effect.Effect<unknown> = Effect.void
    const joined = (repo: typeof ProjectRepo.Service) => ({
      finish: (ids: ReadonlyArray<ProjectId>) => Effect.tap(repo.finish(ids), () => meanwhile)
    })
    return Effect.gen(function* () {
      const projects = yield* Projects
      const { counted } = yield* create({ jobs: [{ type: "a" }, { type: "a" }], closed: true })
      const [one, another] = [first(yield* claimNow()), first(yield* claimNow())]
      // Past the duty's look at everything, so that it does not come to help.
      yield* pass("1 second")
      const context = yield* Effect.context<Boss>()
      meanwhile = Effect.suspend(() => {
        meanwhile = Effect.void
        return Effect.provideContext(Effect.orDie(finish(another)), context)
      })
      yield* finish(one)
      yield* pass("200 millis")
      assert.isNotNull((yield* projects.find(counted.project.id)).project.finishedAt)
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(DutiesLive, world({ changeProjects: joined }))))
  })

  it.effect("are finished by another server when the one that ended the last job has died", () =>
    Effect.gen(function* () {
      const projects = yield* Projects
      const repo = yield* ProjectRepo
      const ends = yield* countEnds
      const { counted } = yield* create()
      const { id } = counted.project
      yield* pass("1 second")
      // The other server closes the project, and dies before it finishes it.
      yield* repo.close(id)
      yield* pass("1 second")
      assert.isNull((yield* projects.find(id)).project.finishedAt)
      yield* pass("30 seconds")
      assert.isNotNull((yield* projects.find(id)).project.finishedAt)
      assert.strictEqual(ends(), 1)
    }).pipe(Effect.scoped, Effect.provide(withDuties))
  )

  it.effect("are finished soon after it, be they more than are looked at in one step", () =>
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const created = yield* Effect.forEach(Array.from({ length: 350 }), () => create())
      yield* pass("1 second")
      yield* Effect.forEach(created, ({ counted }) => repo.close(counted.project.id))
      yield* pass("16 seconds")
      const { items } = yield* repo.list({ before: undefined, limit: 1_000 })
      assert.lengthOf(
        items.filter(({ finishedAt }) => finishedAt === null),
        0
      )
    }).pipe(Effect.scoped, Effect.provide(withDuties))
  )

  it.effect("are cancelled by another server when the one that was asked has died", () =>
    Effect.gen(function* () {
      const projects = yield* Projects
      const repo = yield* ProjectRepo
      const { counted } = yield* create({ jobs: [{ type: "a" }, { type: "a" }] })
      const { id } = counted.project
      yield* pass("1 second")
      // The other server closes the project, and dies before it does anything else.
      yield* repo.cancel(id, cancelling(id, "ann", "why"))
      yield* pass("30 seconds")
      const { counts, project } = yield* projects.find(id)
      assert.isNotNull(project.finishedAt)
      assert.deepInclude(counts, { pending: 0, cancelled: 2 })
    }).pipe(Effect.scoped, Effect.provide(withDuties))
  )

  it.effect("count their jobs for many followers together, and no more than is allowed", () => {
    let counts = 0
    const counting = (repo: typeof ProjectRepo.Service) => ({
      count: (id: ProjectId) =>
        Effect.suspend(() => {
          counts += 1
          return repo.count(id)
        })
    })
    return Effect.gen(function* () {
      const projects = yield* Projects
      const { counted } = yield* create()
      const { id } = counted.project
      for (let followers = 0; followers < 10; followers++) {
        const told = Option.getOrThrow(yield* projects.follow(id, Option.none()))
        yield* Effect.forkScoped(Stream.runDrain(told))
      }
      yield* settle
      counts = 0
      for (let jobs = 0; jobs < 100; jobs++) {
        yield* submit({ type: "a", project: id })
        yield* pass("10 millis")
      }
      assert.isAtLeast(counts, 3)
      assert.isAtMost(counts, 5)
    }).pipe(Effect.scoped, Effect.provide(world({ changeProjects: counting })))
  })

  it.effect("are looked at again as soon as ever when the store was away", () => {
    const outage = makeOutage()
    const failing = (repo: typeof ProjectRepo.Service) => ({
      count: (id: ProjectId) => outage.guard(repo.count(id))
    })
    return Effect.gen(function* () {
      const projects = yield* Projects
      const { counted } = yield* create()
      const { id } = counted.project
      const told = Option.getOrThrow(yield* projects.follow(id, Option.none()))
      let pending = 0
      yield* Stream.runForEach(told, (events) =>
        Effect.sync(() => {
          for (const event of events) if (event._tag === "Standing") pending = event.counted.counts.pending
        })
      ).pipe(Effect.forkScoped)
      yield* settle
      yield* outage.begin
      yield* submit({ type: "a", project: id })
      yield* pass("20 seconds")
      yield* outage.end
      yield* pass("1 second")
      assert.strictEqual(pending, 1)
      yield* submit({ type: "a", project: id })
      yield* pass("1 second")
      assert.strictEqual(pending, 2)
    }).pipe(Effect.scoped, Effect.provide(world({ changeProjects: failing })))
  })
})
