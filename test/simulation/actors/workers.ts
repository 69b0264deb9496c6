/** Workers that ask for jobs again and again, and do them. */
import { Duration, Effect, Option, Result } from "effect"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { Dice } from "../../support/Dice.ts"
import { able, vacancy } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { claim } from "./claiming.ts"
import { makeHangingUp } from "./hangingUp.ts"
import { makeWork } from "./working.ts"

export const makeWorker = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice: Dice = world.dice(name)
  const work = makeWork(world, network, name, dice)
  const maybeHangUp = makeHangingUp(world, network, name)

  const askOnce = Effect.fnUntraced(function* (wish: Vacancy) {
    const time = Duration.seconds(dice.pick(0, 5, 20))
    const answer = yield* maybeHangUp(network.ask(dice, "claim", claim(world, wish, time)))
    if (Option.isNone(answer) || Result.isFailure(answer.value)) return []
    const claimed = answer.value.success
    if (claimed.length > 0) {
      world.trace.say(`${name} has ${claimed.map(({ attempt }) => attempt.id).join(" ")}`)
      world.saw({ _tag: "Assigned", vacancy: wish, claimed })
    }
    return claimed
  })

  return Effect.gen(function* () {
    let wish = vacancy(dice, name)
    while (true) {
      if (world.isCalm) wish = able(name)
      else if (dice.chance(0.05)) wish = vacancy(dice, name)
      const claimed = yield* askOnce(wish)
      yield* Effect.forEach(claimed, work, { concurrency: "unbounded", discard: true })
      yield* Effect.sleep(1 + dice.below(dice.chance(0.1) && !world.isCalm ? 30_000 : 300))
    }
  })
}
