/** Steps of what the supervisor rules, and of what is known of workers. */
import { Duration, Effect, Result } from "effect"
import type { PolicyOverrides } from "../../../src/domain/policies/PolicyOverrides.ts"
import { PolicyRepo } from "../../../src/domain/policies/PolicyRepo.ts"
import { TokenRepo } from "../../../src/domain/access/TokenRepo.ts"
import { forgottenAfter, goneAfter } from "../../../src/domain/workers/Worker.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { workers } from "../randomClaims.ts"
import { plenty } from "../StoreKit.ts"
import { Answer, said, saidInAnyOrder } from "./said.ts"
import { ask, letTimePass, type Making, type Step } from "./Side.ts"

const types = ["a", "b"] as const
const names = [...workers, "somebody"]

export const ruleSteps = (making: Making) => {
  const { dice } = making
  const runs = () => dice.times(3, () => Duration.millis(dice.below(9_000)))

  const changePolicy = (): Step => {
    const own: PolicyOverrides = {
      ...(dice.chance(0.5) && { maxAttempts: 1 + dice.below(9) }),
      ...(dice.chance(0.5) && { lease: Duration.millis(1 + dice.below(9_000)) }),
      ...(dice.chance(0.3) && { concurrency: dice.pick(null, 3) }),
      ...(dice.chance(0.3) && { retention: { done: dice.pick(null, Duration.days(1)) } })
    }
    const isRemoved = dice.chance(0.2)
    const type = dice.pick("*", ...types)
    const by = dice.maybe("u")
    return ask(
      PolicyRepo,
      (repo) => repo.change(type, by, (before) => (isRemoved ? null : { ...before, ...own })),
      said
    )
  }
  const policies = (): Step => ask(PolicyRepo, (repo) => repo.all, saidInAnyOrder)

  const see = (): Step => {
    const batch = dice.some(names).map((worker) => ({
      worker,
      suitability: dice.pick(null, {
        types: dice.some(types),
        skills: dice.pick({}, { n: 1 }, { s: { b: [1], a: null } }),
        accepts: []
      })
    }))
    return ask(WorkerRepo, (repo) => repo.see(batch), saidInAnyOrder)
  }

  const credit = (): Step => {
    const batch = dice.some(names).flatMap((worker) =>
      dice.some(types).map((type) => ({
        worker,
        type,
        done: dice.below(3),
        failed: dice.below(2),
        lost: dice.below(2),
        runs: dice.pick([], runs())
      }))
    )
    return ask(WorkerRepo, (repo) => Effect.andThen(repo.credit(batch), repo.find(names)), said)
  }

  const changeWorker = (): Step => {
    const change = {
      worker: dice.pick("v", ...names),
      state: dice.pick("active", "paused", "banned"),
      reason: dice.maybe("é"),
      by: dice.maybe("u")
    } as const
    return ask(WorkerRepo, (repo) => Effect.andThen(repo.change(change), repo.find([change.worker])), said)
  }

  const suspect = (): Step => {
    const quarantine = {
      failures: dice.pick(1, 1, 2),
      within: dice.pick(Duration.millis(1 + dice.below(9_000)), Duration.hours(1), Duration.hours(1)),
      for: Duration.millis(1 + dice.below(9_000))
    }
    const batch = workers.flatMap((worker) => dice.some(types).map((type) => ({ worker, type, quarantine })))
    return ask(WorkerRepo, (repo) => repo.quarantine(batch), saidInAnyOrder)
  }

  const restricted = (): Step => ask(WorkerRepo, (repo) => repo.restricted, saidInAnyOrder)
  const noticeGone = (): Step => {
    letTimePass(making, goneAfter)
    return ask(
      WorkerRepo,
      (repo) => repo.noticeGone(plenty),
      ({ done }) => saidInAnyOrder(done)
    )
  }
  const forget = (): Step => {
    letTimePass(making, forgottenAfter)
    return ask(
      WorkerRepo,
      (repo) => Effect.andThen(repo.noticeGone(plenty), repo.forget(plenty)),
      ({ done }) => saidInAnyOrder(done)
    )
  }
  const listWorkers = (): Step => {
    const filter = {
      after: dice.pick(null, "somebody", "v"),
      state: dice.pick(null, "active", "banned"),
      limit: 1 + dice.below(3)
    } as const
    return ask(WorkerRepo, (repo) => repo.list(filter), said)
  }

  const changeToken = (): Step => {
    const name = dice.pick("t", "u")
    const hash = new TextEncoder().encode(dice.uuid())
    const role = dice.pick("worker", "client")
    const isRefused = dice.chance(0.2)
    return ask(
      TokenRepo,
      (repo) =>
        Effect.gen(function* () {
          const isThere = (yield* repo.all).some((token) => token.name === name)
          const check = (tokens: ReadonlyArray<unknown>) =>
            isRefused ? Result.fail(tokens.length) : Result.void
          return yield* isThere
            ? repo.remove(name, check)
            : Effect.map(repo.create({ name, role, hash }, check), Result.map(said))
        }),
      (answer) => new Answer({ done: Result.isSuccess(answer), besides: said(Result.merge(answer)) })
    )
  }

  return {
    changePolicy,
    policies,
    see,
    credit,
    changeWorker,
    suspect,
    restricted,
    noticeGone,
    forget,
    listWorkers,
    changeToken
  }
}
