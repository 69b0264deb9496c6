/** A client who may decide on what is its own, and tries it with what is not: jobs, projects and keys of others. */
import { Effect, Option, Result } from "effect"
import type { Caller } from "../../../src/domain/access/Caller.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { NewJob } from "../../../src/domain/jobs/Job.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import { types } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { Services } from "../Servers.ts"
import type { World } from "../World.ts"

const intruder = "intruder"
const caller: Caller = { name: Option.some(intruder), role: "client", token: null }

/** What an error says it is. */
interface Tagged {
  readonly _tag: string
}

export const makeIntruder = (world: World, network: Network): Effect.Effect<never> => {
  const dice = world.dice(intruder)
  let keys = 0

  /** Tries what must be refused, by one of these problems. */
  const mustBeRefused = Effect.fnUntraced(function* (
    what: string,
    problems: ReadonlyArray<string>,
    request: Effect.Effect<unknown, Tagged, Services>
  ) {
    const answer = yield* network.ask(dice, what, request)
    if (Option.isNone(answer)) return
    world.fault("intruder")
    const said = Result.isSuccess(answer.value) ? "accepted" : answer.value.failure._tag
    world.saw({ _tag: "IntruderAnswered", what, problems, said })
  })

  const submit = (key: string, jobs: ReadonlyArray<NewJob>) =>
    Effect.flatMap(Boss, (boss) =>
      boss.submit(jobs, caller, Option.some({ key, body: JSON.parse(JSON.stringify(jobs)) }))
    )

  const decideOnJob = Effect.gen(function* () {
    const others = [...world.facts.state.histories.values()].filter(({ job }) => job.createdBy !== intruder)
    const id = dice.from(others.slice(-10))?.job.id
    if (id === undefined) return
    const verb = dice.pick("cancel", "retry", "amend")
    const request = Effect.flatMap(Boss, (boss): Effect.Effect<unknown, Tagged> => {
      switch (verb) {
        case "cancel":
          return boss.cancel(id, caller, "an intruder was here")
        case "retry":
          return boss.retry(id, caller)
        case "amend":
          return boss.amend(id, caller, { tags: [intruder] })
      }
    })
    yield* mustBeRefused(`${verb} a job of another`, ["NotYours", "JobNotFound"], request)
  })

  const decideOnProject = Effect.gen(function* () {
    const id = dice.from([...world.facts.state.projects.keys()].slice(-3))
    if (id === undefined) return
    const verb = dice.pick("close", "cancel", "join")
    yield* mustBeRefused(
      `${verb} a project of another`,
      ["NotYours", verb === "join" ? "UnknownProject" : "ProjectNotFound"],
      verb === "join"
        ? submit(`${++keys}`, [{ type: dice.pick(...types), project: id }])
        : Effect.flatMap(Projects, (projects) =>
            verb === "close"
              ? Effect.asVoid(projects.close(id, caller))
              : Effect.asVoid(projects.cancel(id, caller, null))
          )
    )
  })

  /** Uses a key that a client may have used, which is another key for who is another. */
  const useKeyOfAnother = Effect.gen(function* () {
    const key = `client-1-${1 + dice.below(5)}`
    const jobs: ReadonlyArray<NewJob> = [{ type: types[0], parameters: { key, by: intruder } }]
    const answer = yield* network.insist(dice, "submit", submit(key, jobs))
    world.fault("intruder")
    const said = Result.isFailure(answer)
      ? answer.failure._tag
      : answer.success.jobs.every(({ createdBy }) => createdBy === intruder)
        ? "its own"
        : "those of another"
    // What it made by this key before may be gone.
    world.saw({ _tag: "IntruderAnswered", what: `the key ${key}`, problems: ["its own", "JobDeleted"], said })
    yield* mustBeRefused(
      "another body with a key that was used",
      ["IdempotencyConflict"],
      submit(key, [...jobs, ...jobs])
    )
  })

  return Effect.gen(function* () {
    yield* world.rest(dice, 4 * world.options.pace)
    yield* dice.pick(decideOnJob, decideOnProject, useKeyOfAnother)
  }).pipe(Effect.forever)
}
