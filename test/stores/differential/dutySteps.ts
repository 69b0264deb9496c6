/** Steps of what falls due with time, and of jobs that leave the store. */
import { Duration, Effect } from "effect"
import type { Due } from "../../../src/domain/Due.ts"
import type { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { keyLifetime } from "../../../src/domain/jobs/Submission.ts"
import { RetentionRepo } from "../../../src/domain/jobs/RetentionRepo.ts"
import { groups } from "../randomClaims.ts"
import { plenty } from "../StoreKit.ts"
import { Answer, said, saidInAnyOrder, toldOf } from "./said.ts"
import { someJob } from "./jobSteps.ts"
import { ask, letTimePass, type Making, type Step } from "./Side.ts"

type Repo = JobRepo["Service"]

export const dutySteps = (making: Making) => {
  const { dice } = making
  const clock = () => Duration.millis(1 + dice.below(5_000))

  const due =
    <A>(duty: (repo: Repo) => Effect.Effect<Due<A>>): (() => Step) =>
    () =>
    ({ repo }) =>
      Effect.map(
        duty(repo),
        ({ done, next }) => new Answer({ done: saidInAnyOrder(done), besides: said(next) })
      )
  const promote = due((repo) => repo.promote(plenty))
  const expire = due((repo) => repo.expire(plenty))
  const forgetKeys = (): Step => {
    letTimePass(making, keyLifetime)
    return due((repo) => repo.forgetKeys(plenty))()
  }
  // Until when there is nothing to do, a store may know the better the more it looks: only whether there is an end of it.
  const overdue = due((repo) =>
    Effect.map(repo.overdue(plenty), ({ done, next }) => ({
      done,
      next: next === null ? null : Duration.zero
    }))
  )

  const unclaimed = (): Step => {
    const waits = dice.some(groups.map((_, index) => index)).map((index) => ({ index, after: clock() }))
    const limit = dice.pick(1, 2, plenty)
    return ({ groups, repo }) =>
      Effect.map(
        repo.unclaimed(
          ({ id }) => waits.flatMap(({ after, index }) => (groups.get(index)?.id === id ? [after] : [])),
          limit
        ),
        ({ done, next }) => new Answer({ done: done.map(({ job }) => toldOf(job)), besides: said(next) })
      )
  }

  const relaxed = (): Step => {
    const waits = dice.some(groups.map((_, index) => index)).flatMap((index) => {
      const after = clock()
      return [after, Duration.sum(after, Duration.millis(1 + dice.below(1_000)))].map((one) => ({
        index,
        after: one
      }))
    })
    const limit = dice.pick(1, 2, plenty)
    return ({ groups, repo }) =>
      Effect.map(
        repo.relaxed(
          ({ id }) => waits.flatMap(({ after, index }) => (groups.get(index)?.id === id ? [after] : [])),
          limit
        ),
        ({ done, next }) =>
          new Answer({ done: done.map(({ after, job }) => [toldOf(job), said(after)]), besides: said(next) })
      )
  }

  const outlook = (): Step => {
    const id = someJob(making)
    return ({ repo }) =>
      Effect.gen(function* () {
        const [job] = yield* repo.find([id])
        if (job == null) return null
        const { ahead, at } = yield* repo.outlook({ job, limits: null, workers: new Set() })
        return { ahead, at: said(at) }
      })
  }

  const oldest = (): Step => ask(RetentionRepo, (repo) => repo.oldest, saidInAnyOrder)

  const deleteFinished = (): Step => {
    const outdated = dice
      .some(["a", "b"])
      .flatMap((type) =>
        dice
          .some(["done", "failed"] as const)
          .map((kind) => ({ type, kind, age: Duration.millis(dice.below(3_000)) }))
      )
    return ask(RetentionRepo, (repo) => repo.deleteFinished(outdated, plenty), said)
  }

  // How much there is to add up is each store's own affair; what it comes to is not.
  const rollUp = (): Step => {
    const limit = dice.pick(1, 3, plenty)
    return ({ counts }) =>
      Effect.map(Effect.andThen(counts.rollUp(limit), counts.flows(plenty)), saidInAnyOrder)
  }

  return { promote, expire, forgetKeys, overdue, unclaimed, relaxed, outlook, oldest, deleteFinished, rollUp }
}
