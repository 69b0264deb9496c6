/** Somebody who comes at a bad moment: pauses a worker that is being given a job, or amends a job that is about to be given. */
import { DateTime, Effect, Option } from "effect"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { WorkerState } from "../../../src/domain/workers/Worker.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { type Change, givenBy } from "../facts/StoreWatch.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

const meddler = anyone(Option.some("meddler"))

/** How many amend a job at the same time. */
const amenders = 3

const becomesPending = ({ after, before }: Change) =>
  after?.job.status === "pending" && before?.job.status !== "pending" ? after.job : null

export const makeMeddler = (world: World, network: Network, mean: number): Effect.Effect<never> => {
  const dice = world.dice("meddler")

  const changeWorker = (worker: string, state: WorkerState) =>
    network.ask(
      dice,
      "change a worker",
      Effect.flatMap(Workers, (all) => all.change({ worker, state, reason: null, by: "meddler" }))
    )

  const pauseWhoIsGivenAJob = Effect.gen(function* () {
    const { attempt } = yield* world.next(givenBy)
    world.fault("worker paused while it is given a job")
    yield* changeWorker(attempt.worker, "paused")
    yield* Effect.sleep(dice.below(2_000))
    yield* changeWorker(attempt.worker, "active")
  })

  // Jobs that wait are moved in time, none of them by so much that nobody could be given it meanwhile.
  const amendWhatIsToBeGiven = Effect.gen(function* () {
    const { id } = yield* world.next(becomesPending)
    world.fault("job amended while it is to be given")
    const runAt = DateTime.makeUnsafe(world.loop.now() - 1_000)
    const amend = Effect.gen(function* () {
      yield* Effect.sleep(dice.below(2 * world.options.storeDelay + 1))
      yield* network.ask(
        dice,
        "amend",
        Effect.flatMap(Boss, (boss) => boss.amend(id, meddler, { runAt }))
      )
    })
    yield* Effect.all(
      Array.from({ length: amenders }, () => amend),
      { concurrency: "unbounded", discard: true }
    )
  })

  return Effect.gen(function* () {
    yield* world.rest(dice, mean)
    yield* dice.pick(pauseWhoIsGivenAJob, amendWhatIsToBeGiven)
  }).pipe(Effect.forever)
}
