/** A supervisor: changes the rules, pauses, bans and forgives, and decides on jobs one by one and by the hundred. */
import { Effect, Option, Result } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { BulkActions } from "../../../src/domain/jobs/BulkActions.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { defaultType } from "../../../src/domain/policies/PolicyOverrides.ts"
import { Schedules } from "../../../src/domain/schedules/Schedules.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { firstPolicy, newJob, somePolicy, tags, types } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

const supervisor = anyone(Option.some("supervisor"))

/** The rules that every run begins with. */
export const setFirstPolicy = Effect.flatMap(SupervisorPolicy, (policies) =>
  policies.change(defaultType, "supervisor", () => firstPolicy)
)

export const makeSupervisor = (
  world: World,
  network: Network,
  workers: ReadonlyArray<string>,
  mean: number
): Effect.Effect<never> => {
  const dice = world.dice("supervisor")
  let bulkActions = 0

  const changePolicy = Effect.gen(function* () {
    const type = dice.pick(defaultType, ...types)
    const fields = somePolicy(dice)
    if (type !== defaultType && dice.chance(0.2)) {
      yield* network.ask(
        dice,
        "remove a policy",
        Effect.flatMap(SupervisorPolicy, (policies) => policies.remove(type, "supervisor"))
      )
      return
    }
    for (const field of Object.keys(fields)) world.trace.count(`policy ${field}`)
    yield* network.ask(
      dice,
      "change a policy",
      Effect.flatMap(SupervisorPolicy, (policies) =>
        policies.change(type, "supervisor", (own) =>
          type === defaultType ? { ...firstPolicy, ...fields } : { ...own, ...fields }
        )
      )
    )
  })

  const changeWorker = Effect.suspend(() => {
    const worker = dice.from(workers)
    const state = dice.pick("active", "active", "paused", "banned")
    if (worker === undefined) return Effect.void
    world.trace.count(`worker ${state}`)
    return network.ask(
      dice,
      "change a worker",
      Effect.flatMap(Workers, (all) => all.change({ worker, state, reason: null, by: "supervisor" }))
    )
  })

  const decideOnJob = Effect.gen(function* () {
    const listed = yield* network.ask(
      dice,
      "list",
      Effect.flatMap(Boss, (boss) => boss.list({ limit: 20 }))
    )
    if (Option.isNone(listed) || Result.isFailure(listed.value)) return
    const job = dice.from(listed.value.success.items)
    if (job === undefined) return
    const id = [...world.facts.state.histories.keys()].find((known) => known === job.id)
    if (id === undefined) return
    const verb = dice.pick("cancel", "retry")
    const answer = yield* network.ask(
      dice,
      verb,
      Effect.flatMap(Boss, (boss): Effect.Effect<unknown, { readonly _tag: string }> =>
        verb === "cancel" ? boss.cancel(id, supervisor, "enough") : boss.retry(id, supervisor)
      )
    )
    if (Option.isSome(answer)) {
      world.trace.count(Result.isSuccess(answer.value) ? verb : `refused ${answer.value.failure._tag}`)
    }
  })

  const actInBulk = Effect.gen(function* () {
    const action = dice.pick("retry", "cancel")
    world.trace.count(`bulk ${action}`)
    // So that what is done by this one can be told from what is done by others.
    const by = `supervisor ${++bulkActions}`
    const answer = yield* network.ask(
      dice,
      `${action} in bulk`,
      Effect.flatMap(BulkActions, (actions) =>
        actions.ask(
          { action, filter: dice.pick({ type: dice.pick(...types) }, { tag: dice.pick("red", ...tags) }) },
          by
        )
      )
    )
    if (Option.isSome(answer) && Result.isSuccess(answer.value))
      world.saw({ _tag: "BulkAsked", action: answer.value.success.id })
  })

  const schedule = Effect.gen(function* () {
    const name = dice.pick("hourly", "daily")
    const { constraints: _c, delay: _d, project: _p, runAt: _r, ...job } = newJob(dice, 0, null)
    const every = dice.pick(5, 20, 60)
    const verb = dice.pick("put", "put", "remove", "run")
    world.trace.count(`schedule ${verb}`)
    yield* network.ask(
      dice,
      `${verb} a schedule`,
      Effect.flatMap(Schedules, (schedules): Effect.Effect<void, { readonly _tag: string }> => {
        switch (verb) {
          case "put":
            return Effect.asVoid(
              schedules.put(
                name,
                {
                  cron: every === 60 ? "* * * * *" : `*/${every} * * * * *`,
                  job,
                  overlap: dice.pick("allow", "skip", "replace"),
                  catchUp: dice.pick("none", "last", "all"),
                  paused: dice.chance(0.1)
                },
                supervisor
              )
            )
          case "remove":
            return Effect.asVoid(schedules.remove(name, supervisor))
          case "run":
            return Effect.asVoid(schedules.run(name, supervisor))
        }
      })
    )
  })

  return Effect.gen(function* () {
    yield* world.rest(dice, mean)
    if (world.isCalm) return
    yield* dice.pick(
      changePolicy,
      changePolicy,
      changePolicy,
      changeWorker,
      decideOnJob,
      decideOnJob,
      actInBulk,
      schedule
    )
  }).pipe(Effect.forever)
}

/** Takes back all that keeps jobs from being done. */
export const makePeace = Effect.fnUntraced(function* (
  world: World,
  network: Network,
  workers: ReadonlyArray<string>
) {
  const dice = world.dice("peace")
  yield* network.insist(dice, "the first policy again", setFirstPolicy)
  for (const type of types) {
    yield* network.insist(
      dice,
      "remove a policy",
      Effect.flatMap(SupervisorPolicy, (policies) => policies.remove(type, "supervisor"))
    )
  }
  for (const worker of workers) {
    yield* network.insist(
      dice,
      "forgive a worker",
      Effect.flatMap(Workers, (all) =>
        all.change({ worker, state: "active", reason: null, by: "supervisor" })
      )
    )
  }
  for (const name of ["hourly", "daily"]) {
    yield* network.insist(
      dice,
      "remove a schedule",
      Effect.flatMap(Schedules, (schedules) => schedules.remove(name, supervisor))
    )
  }
})
