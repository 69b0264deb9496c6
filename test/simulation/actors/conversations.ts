/** Workers that talk with a server as long as they work: they send progress and hear what is said, both at the same time. */
import { Cause, Effect, Fiber, Option, Queue, Result, Stream } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { Signal } from "../../../src/domain/attempts/ProgressExchange.ts"
import type { Dice } from "../../support/Dice.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { bodyOf, type Reports, someText, type Text } from "./reports.ts"

/** After so long whoever hears nothing takes the connection for broken. */
const patience = 30_000

export const makeConversation = (
  { dice, network, world }: { readonly world: World; readonly network: Network; readonly dice: Dice },
  holding: Holding,
  reports: Reports
) => {
  const { attempt, worker } = holding
  const said: Array<Text> = []
  let held = 0
  let talks = 0
  let word: "go on" | "stop" | "over" = "go on"
  let open: { readonly body: Queue.Queue<string, Cause.Done>; readonly fiber: Fiber.Fiber<unknown> } | null =
    null

  const hear = (talk: string, signal: Signal) => {
    world.trace.count(`signal ${signal._tag}`)
    world.trace.say(`${talk} hears ${signal._tag} ${"mark" in signal ? signal.mark : ""}`)
    world.saw({ _tag: "TalkTold", talk, signal })
    switch (signal._tag) {
      case "Seen":
      case "Rewind":
        held = signal.mark
        world.saw({ _tag: signal._tag === "Seen" ? "Seen" : "Rewound", holding, mark: signal.mark })
        break
      case "Cancel":
        word = "stop"
        break
      case "Over":
        word = "over"
    }
  }

  const begin = Effect.gen(function* () {
    const talk = `${worker} ${attempt} ${++talks}`
    const body = yield* Queue.unbounded<string, Cause.Done>()
    const last = held === 0 ? Option.none<number>() : Option.some(held)
    const request = Effect.gen(function* () {
      const boss = yield* Boss
      const { mark, signals } = yield* boss.progress(holding, last, Stream.fromQueue(body))
      held = Math.max(held, mark)
      yield* Queue.offer(body, bodyOf(said.slice(held)))
      world.saw({ _tag: "TalkBegan", talk, holding })
      yield* Stream.runForEach(signals, (signal) => Effect.sync(() => hear(talk, signal)))
    }).pipe(Effect.ensuring(Effect.sync(() => world.saw({ _tag: "TalkEnded", talk }))))
    const fiber = yield* Effect.forkChild(
      network.connect(dice, "talk", request).pipe(
        Effect.map((answer) => {
          open = null
          if (Option.isSome(answer) && Result.isFailure(answer.value)) {
            world.trace.count(`refused ${answer.value.failure._tag}`)
            if (answer.value.failure._tag === "AttemptOver") word = "over"
          }
        })
      )
    )
    open = { body, fiber }
    return open
  })

  /** Says something more, and what it has heard until now. */
  const talk = Effect.gen(function* () {
    const texts = Array.from({ length: 1 + dice.below(3) }, (_, index) =>
      someText(dice, said.length + 1 + index)
    )
    reports.sent(texts)
    said.push(...texts)
    if (open === null) yield* begin
    else if (dice.chance(world.faults.workerBreaksOff)) {
      world.fault("worker breaks off")
      const { fiber } = open
      open = null
      yield* Fiber.interrupt(fiber)
    } else yield* Queue.offer(open.body, bodyOf(texts))
    return word
  })

  /** Says that there is no more to come, and hears the last of it. */
  const end = Effect.gen(function* () {
    if (open === null) return
    const { body, fiber } = open
    yield* Queue.end(body)
    yield* Effect.timeoutOption(Fiber.await(fiber), patience)
    yield* Fiber.interrupt(fiber)
  })

  return { talk, end }
}
