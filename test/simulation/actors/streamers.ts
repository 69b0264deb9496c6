/** Workers that keep a stream of claims open, and do as many jobs at a time as they said they can. */
import { Deferred, Duration, Effect, Scope, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { ClaimSignal } from "../../../src/domain/dispatching/Claiming.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import { able, vacancy } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { makeWork } from "./working.ts"

export const makeStreamer = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  const work = makeWork(world, network, name, dice)
  let streams = 0

  const readOn = Effect.fnUntraced(function* (wish: Vacancy, ofWork: Scope.Scope) {
    const boss = yield* Boss
    const stream = `${name} stream ${++streams}`
    const hear = Effect.fnUntraced(function* (signal: ClaimSignal) {
      const { claimed } = signal
      world.trace.say(`${stream} ${signal._tag} ${claimed.attempt.id}`)
      world.trace.count(`stream ${signal._tag}`)
      if (signal._tag === "Cancel") return world.saw({ _tag: "StreamToldToStop", stream, claimed })
      signal.onSent()
      world.saw({ _tag: "Assigned", vacancy: wish, claimed: [claimed] })
      world.saw({ _tag: "StreamGave", stream, claimed })
      yield* Effect.forkIn(work(claimed), ofWork)
    })
    world.saw({ _tag: "StreamOpened", stream, vacancy: wish })
    yield* boss.claims(wish).pipe(
      // What was on its way when the connection broke was never sent.
      Stream.takeWhile(() => {
        const breaksOff = dice.chance(world.faults.workerBreaksOff)
        if (breaksOff) world.fault("stream breaks off")
        return !breaksOff
      }),
      Stream.runForEach(hear),
      Effect.raceFirst(world.isCalm ? Effect.never : Deferred.await(world.calm)),
      Effect.timeoutOption(Duration.seconds(dice.pick(10, 60, 120))),
      Effect.ensuring(Effect.sync(() => world.saw({ _tag: "StreamClosed", stream })))
    )
  })

  return Effect.gen(function* () {
    const ofWork = yield* Scope.Scope
    while (true) {
      const wish = world.isCalm ? able(name) : { ...vacancy(dice, name), max: dice.pick(1, 2, 5) }
      yield* network.connect(dice, "stream claims", readOn(wish, ofWork))
      yield* Effect.sleep(1 + dice.below(world.isCalm ? 300 : 5_000))
    }
  }).pipe(Effect.scoped)
}
