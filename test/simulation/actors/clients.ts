/** Clients: they create jobs, again when they hear no answer, and change their minds. */
import { DateTime, Duration, Effect, Option, Result } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import type { JobId, ProjectId } from "../../../src/domain/Identifiers.ts"
import type { Amendment } from "../../../src/domain/jobs/Amendment.ts"
import type { JobJson, NewJob } from "../../../src/domain/jobs/Job.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import type { Dice } from "../../support/Dice.ts"
import { newJob, tags } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

/** How many of its own jobs a client remembers. */
const mostRemembered = 30

export const makeClient = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice: Dice = world.dice(name)
  /** For whether a project is created closed, and whether a job is cancelled twice. */
  const aside = world.dice(`${name} aside`)
  const caller = anyone(Option.some(name))
  const own: Array<JobId> = []
  let project: ProjectId | null = null
  let keys = 0

  const remember = (ids: ReadonlyArray<JobId>) => {
    own.push(...ids)
    if (own.length > mostRemembered) own.splice(0, own.length - mostRemembered)
  }

  const submit = Effect.gen(function* () {
    const key = dice.chance(0.5) ? `${name}-${++keys}` : null
    const jobs = dice
      .times(4, (): NewJob => newJob(dice, world.loop.now(), dice.chance(0.3) ? project : null))
      .map((job, place) => (key === null ? job : { ...job, parameters: { key, place } }))
    const request = Effect.flatMap(Boss, (boss) =>
      boss.submit(
        jobs,
        caller,
        key === null ? Option.none() : Option.some({ key, body: JSON.parse(JSON.stringify(jobs)) })
      )
    )
    // Without a key nobody knows what a repetition would make.
    const answer =
      key === null
        ? yield* network.ask(dice, "submit", request)
        : Option.some(yield* network.insist(dice, "submit", request))
    if (Option.isNone(answer)) return
    if (Result.isFailure(answer.value)) {
      world.trace.count(`refused ${answer.value.failure._tag}`)
      if (answer.value.failure._tag === "ProjectClosed") project = null
      return
    }
    const ids = answer.value.success.jobs.map(({ id }) => id)
    world.trace.say(`${name} has ${ids.join(" ")} acknowledged`)
    world.saw({ _tag: "Acknowledged", jobs: ids, wishes: jobs })
    remember(ids)
  })

  const decide = Effect.gen(function* () {
    const id = dice.from(own)
    if (id === undefined) return
    const amendment = dice.pick<Amendment>(
      { priority: dice.pick(-2, 0, 3) },
      { tags: dice.some(tags) },
      { runAt: DateTime.makeUnsafe(world.loop.now() + dice.pick(-1_000, 20_000)) },
      { constraints: [] }
    )
    const verb = dice.pick("cancel", "retry", "amend", "wait")
    const wait = Duration.seconds(dice.pick(0, 10))
    const askedAt = world.loop.elapsed()
    const answer = yield* network.ask(
      dice,
      verb,
      Effect.flatMap(Boss, (boss): Effect.Effect<JobJson, { readonly _tag: string }> => {
        switch (verb) {
          case "cancel":
            return boss.cancel(id, caller, "not wanted")
          case "retry":
            return boss.retry(id, caller)
          case "amend":
            return boss.amend(id, caller, amendment)
          case "wait":
            return boss.find(id, wait)
        }
      })
    )
    if (Option.isSome(answer)) {
      const result = answer.value
      world.trace.count(Result.isSuccess(result) ? verb : `refused ${result.failure._tag}`)
      if (Result.isSuccess(result)) {
        const shown = result.success
        if (verb === "amend") world.saw({ _tag: "Amended", job: id, amendment, shown, askedAt })
        if (verb === "wait") world.saw({ _tag: "Waited", job: id, wait, shown, askedAt })
      }
    }
    if (verb !== "cancel" || !aside.chance(0.4)) return
    // Whoever does not see that it stops asks again.
    yield* Effect.sleep(1 + aside.below(2_000))
    yield* network.ask(
      aside,
      "cancel again",
      Effect.flatMap(Boss, (boss) => boss.cancel(id, caller, "still not wanted"))
    )
  })

  const decideOnProject = Effect.gen(function* () {
    const current = project
    if (current === null) {
      const jobs = dice.chance(0.5) ? dice.times(3, () => newJob(dice, world.loop.now(), null)) : []
      const closed = aside.chance(0.4)
      const answer = yield* network.ask(
        dice,
        "create a project",
        Effect.flatMap(Projects, (projects) => projects.create({ name, jobs, closed }, caller, Option.none()))
      )
      if (Option.isSome(answer) && Result.isSuccess(answer.value)) {
        const { counted, jobs: created } = answer.value.success
        const { id } = counted.project
        const ids = created.map((job) => job.id)
        project = closed ? null : id
        world.trace.count("project")
        world.saw({ _tag: "ProjectCreated", project: id, isClosed: closed, hasJobs: jobs.length > 0 })
        world.saw({
          _tag: "Acknowledged",
          jobs: ids,
          wishes: jobs.map((job) => ({ ...job, project: id }))
        })
        remember(ids)
      }
      return
    }
    project = null
    const verb = dice.pick("close", "cancel")
    const closed = yield* network.insist(
      dice,
      `${verb} a project`,
      Effect.flatMap(Projects, (projects) =>
        verb === "close"
          ? Effect.asVoid(projects.close(current, caller))
          : Effect.asVoid(projects.cancel(current, caller, null))
      )
    )
    world.trace.count(`${verb} project`)
    if (Result.isSuccess(closed))
      world.saw({ _tag: "ProjectClosed", project: current, isCancelled: verb === "cancel" })
  })

  return Effect.forever(
    Effect.gen(function* () {
      yield* world.rest(dice, world.options.pace)
      yield* dice.pick(submit, submit, submit, decide, dice.chance(0.3) ? decideOnProject : submit)
    })
  )
}
