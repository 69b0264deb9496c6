/** Steps of projects, schedules and bulk actions. */
import { DateTime, Duration, Effect } from "effect"
import { BulkActionRepo } from "../../../src/domain/jobs/BulkActionRepo.ts"
import { BulkActionId, ProjectId } from "../../../src/domain/Identifiers.ts"
import type { NewBulkAction } from "../../../src/domain/jobs/BulkAction.ts"
import { projectLifetime, ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { toRules } from "../../../src/domain/schedules/Schedule.ts"
import { type Firing, ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { workers } from "../randomClaims.ts"
import { cancellation, plenty } from "../StoreKit.ts"
import { learn, makeJob, someJob } from "./jobSteps.ts"
import { Answer, said, saidInAnyOrder, saidOfSchedule } from "./said.ts"
import { around, ask, letTimePass, type Making, type Step } from "./Side.ts"

type BulkFilter = NewBulkAction["filter"]

export const planSteps = (making: Making) => {
  const { dice, world } = making
  const anyProject = () => dice.from(world.projects) ?? ProjectId.make(dice.uuid())
  const anySchedule = () => dice.pick("s", "s", "s", "r")

  const addProject = (): Step => {
    const id = ProjectId.make(dice.uuid())
    const newProject = {
      id,
      name: dice.pick("p", "é"),
      metadata: dice.pick(null, { a: [1] }),
      isClosed: dice.chance(0.3),
      createdBy: dice.maybe("v")
    }
    const jobs = dice.pick([], dice.some([1, 2])).map(() => makeJob(making, { project: id }))
    world.projects.push(id)
    return ({ groups, repo }) =>
      Effect.map(repo.insert([{ jobs, idempotency: null, newProject }]), (answers) => {
        for (const answer of answers) if (answer._tag === "Created") learn(groups, answer.jobs)
        return said(answers)
      })
  }
  const countProject = (): Step => {
    const id = anyProject()
    return ask(ProjectRepo, (repo) => repo.count(id), said)
  }
  const listProjects = (): Step => {
    const wish = { before: dice.pick(undefined, anyProject()), limit: 1 + dice.below(3) }
    return ask(ProjectRepo, (repo) => repo.list(wish), said)
  }
  const closeProject = (): Step => {
    const id = anyProject()
    return ask(ProjectRepo, (repo) => repo.close(id), said)
  }
  const insertOf = (action: "cancel" | "retry", filter: BulkFilter) => {
    const id = BulkActionId.make(dice.uuid())
    world.actions.push(id)
    return { id, action, filter, by: dice.maybe("u"), reason: dice.maybe("é") }
  }
  const cancelProject = (): Step => {
    const id = anyProject()
    const action = insertOf("cancel", { project: id })
    return ask(ProjectRepo, (repo) => repo.cancel(id, action), said)
  }
  const finishProjects = (): Step => {
    const ids = dice.some(world.projects)
    return ask(ProjectRepo, (repo) => repo.finish(ids), saidInAnyOrder)
  }
  const finishableProjects = (): Step => ask(ProjectRepo, (repo) => repo.finishable(plenty), saidInAnyOrder)
  const deleteProjects = (): Step => {
    letTimePass(making, projectLifetime)
    return ask(
      ProjectRepo,
      (repo) => repo.deleteFinished(plenty),
      ({ done }) => saidInAnyOrder(done)
    )
  }

  const changeSchedule = (): Step => {
    const name = anySchedule()
    const rules = toRules({
      cron: "* * * * *",
      job: { type: dice.pick("a", "b") },
      overlap: dice.pick("allow", "skip", "replace"),
      paused: dice.chance(0.2)
    })
    const nextTick = dice.pick(null, around(making, 1_000, 1), around(making, 0, 2_000))
    const by = dice.maybe("u")
    return ask(
      ScheduleRepo,
      (repo) => repo.change(name, by, () => ({ rules, nextTick })),
      ({ after, before }) => [before && saidOfSchedule(before), saidOfSchedule(after)]
    )
  }
  const removeSchedule = (): Step => {
    const name = anySchedule()
    return ask(ScheduleRepo, (repo) => repo.remove(name), said)
  }
  const dueSchedules = (): Step => {
    const unknownZones = new Set(dice.pick([], [], ["UTC"]))
    return ask(
      ScheduleRepo,
      (repo) => repo.due(plenty, unknownZones),
      ({ done, next }) =>
        new Answer({
          done: saidInAnyOrder(done.map((state) => ({ ...state, schedule: saidOfSchedule(state.schedule) }))),
          besides: said(next)
        })
    )
  }
  const fire = (): Step => {
    const name = anySchedule()
    const jobs = dice.some([1, 2]).map(() => makeJob(making, { schedule: name }))
    const cancelled = dice.some([1]).map(() => cancellation(someJob(making), Duration.seconds(1)))
    const isStale = dice.chance(0.2)
    const lastTick = dice.maybe(around(making, 2_000, 1))
    const nextTick = dice.maybe(DateTime.makeUnsafe(world.now + 1 + dice.below(3_000)))
    return ({ groups, store }) =>
      ask(
        ScheduleRepo,
        Effect.fnUntraced(function* (repo) {
          const found = yield* repo.find(name)
          const version = (found?.schedule.version ?? 0) + (isStale ? 1 : 0)
          const firing: Firing = {
            schedule: name,
            version,
            cancellations: cancelled,
            jobs,
            lastTick,
            nextTick
          }
          const fired = yield* repo.fire([firing])
          for (const one of fired) if (one !== null) learn(groups, one.created)
          const before = found && { ...found, schedule: saidOfSchedule(found.schedule) }
          return { before, fired }
        }),
        ({ before, fired }) => new Answer({ done: said(fired), besides: said(before) })
      )({ store })
  }

  const addAction = (): Step => {
    const filter: BulkFilter = {
      ...(dice.chance(0.4) && { type: dice.pick("a", "b") }),
      ...(dice.chance(0.3) && { status: dice.pick("failed", "pending", "processing", "cancelled") }),
      ...(dice.chance(0.2) && { tag: "x" }),
      ...(dice.chance(0.2) && { project: anyProject() }),
      ...(dice.chance(0.2) && { assignee: dice.pick(...workers) }),
      ...(dice.chance(0.1) && { schedule: "s" })
    }
    const action = insertOf(dice.pick("cancel", "retry"), filter)
    return ask(BulkActionRepo, (repo) => repo.add(action), said)
  }
  /** Finds all that is meant by all actions that are free, page by page, and finishes them. */
  const carryOut = (): Step => {
    const size = 1 + dice.below(4)
    return ask(
      BulkActionRepo,
      Effect.fnUntraced(function* (repo) {
        const all: Array<{ readonly taken: unknown; readonly meant: ReadonlyArray<unknown> }> = []
        while (true) {
          const { done } = yield* repo.take(Duration.seconds(15))
          const [taken] = done
          if (taken === undefined) return all
          let action = taken
          const meant: Array<unknown> = []
          while (true) {
            const page = yield* repo.look(action, size)
            yield* repo.advance(action, page, page.jobs.length)
            meant.push(...page.jobs)
            if (page.isLast) break
            action = { ...action, cursor: page.cursor }
          }
          all.push({ taken, meant })
        }
      }),
      (all) => new Answer({ done: all.flatMap(({ meant }) => meant).length, besides: saidInAnyOrder(all) })
    )
  }

  return {
    addProject,
    countProject,
    listProjects,
    closeProject,
    cancelProject,
    finishProjects,
    finishableProjects,
    deleteProjects,
    changeSchedule,
    removeSchedule,
    dueSchedules,
    fire,
    addAction,
    carryOut
  }
}
