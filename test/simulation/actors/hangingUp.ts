/** Workers that hang up while they wait for jobs: at any time, or just when the store has given them one. */
import { Effect, Option } from "effect"
import { givenBy } from "../facts/StoreWatch.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { cancelMeanwhile } from "./cancelling.ts"

/** The longest time after which a worker hangs up that was given nothing, in milliseconds. */
const longest = 10_000

/** Lets a worker wait for an answer, and sometimes not to the end: then there is none. */
export const makeHangingUp = (world: World, network: Network, worker: string) => {
  const dice = world.dice(`${worker} hangs up`)
  const givenJob = world.next((change) => {
    const job = givenBy(change)
    return job?.attempt.worker === worker ? job : null
  })

  const hangUp = Effect.gen(function* () {
    if (dice.chance(0.2)) yield* Effect.sleep(dice.below(longest))
    else {
      const job = yield* givenJob
      if (dice.chance(0.5)) yield* cancelMeanwhile(network, dice, job.id)
      // The answer of the store may be on its way.
      if (dice.chance(0.5)) yield* Effect.sleep(dice.below(world.options.storeDelay + 1))
    }
    world.fault("worker hangs up")
    return Option.none()
  })

  return <A>(answer: Effect.Effect<Option.Option<A>>): Effect.Effect<Option.Option<A>> =>
    Effect.suspend(() =>
      dice.chance(2 * world.faults.workerBreaksOff) ? Effect.raceFirst(answer, hangUp) : answer
    )
}
