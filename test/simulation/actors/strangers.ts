/** Somebody who speaks of an attempt under the name of a worker that does not hold it, by mistake or with bad intent. */
import { Effect, Option, Result, Stream } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import { named } from "../Cast.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { bodyOf } from "./reports.ts"

/** What strangers say of an attempt, so that it is known if it is kept. */
export const wordOfStranger = { by: "a stranger" }

const verbs = ["done", "failed", "released", "heartbeat", "progress"] as const

/** Speaks of an attempt that a worker holds, now and then. */
export const makeStranger = (world: World, network: Network, holder: string) => {
  const dice = world.dice(`${holder} has strangers`)
  const others = [...named(world.options.workers, "worker"), "somebody"].filter((name) => name !== holder)

  const say = (verb: (typeof verbs)[number], holding: Holding) =>
    Effect.flatMap(Boss, (boss): Effect.Effect<unknown, { readonly _tag: string }> => {
      switch (verb) {
        case "done":
          return boss.finish(holding, { _tag: "Done", result: wordOfStranger })
        case "failed":
          return boss.finish(holding, {
            _tag: "Failed",
            error: wordOfStranger,
            retryable: true,
            retryIn: null
          })
        case "released":
          return boss.finish(holding, { _tag: "Released" })
        case "heartbeat":
          return boss.heartbeat(holding)
        case "progress":
          return Effect.flatMap(
            boss.progress(
              holding,
              Option.none(),
              Stream.make(bodyOf([{ id: 1, event: "message", data: "a stranger was here" }]))
            ),
            ({ signals }) => Stream.runDrain(signals)
          )
      }
    })

  return Effect.fnUntraced(function* (held: Holding) {
    if (world.isCalm || !dice.chance(0.05)) return
    const holding = { ...held, worker: dice.from(others) ?? "somebody" }
    const verb = dice.pick(...verbs)
    world.fault("stranger")
    const answer = yield* network.ask(dice, `a stranger's ${verb}`, say(verb, holding))
    if (Option.isNone(answer)) return
    world.saw({
      _tag: "StrangerAnswered",
      holding,
      answer: Result.isSuccess(answer.value) ? "accepted" : answer.value.failure._tag
    })
  })
}
