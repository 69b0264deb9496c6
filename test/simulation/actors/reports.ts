/** What workers say of attempts: that they live, how far they are, how they ended; some of it twice. */
import { Effect, Option, Result, Stream } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { WorkerReport } from "../../../src/domain/attempts/Reporting.ts"
import type { Dice } from "../../support/Dice.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

/** A worker reports so often until it gives up. */
const mostReports = 8

/** An event of progress. */
export interface Text {
  readonly id: number
  readonly event: string
  readonly data: string
}

export const someText = (dice: Dice, id: number): Text => {
  const event = dice.pick("log_chunk", "percent", "message", "checkpoint", "note")
  const data =
    event === "percent" ? String(id % 100) : event === "checkpoint" ? `{"at":${id}}` : `${event} ${id}`
  return { id, event, data }
}

/** Events as they are sent. */
export const bodyOf = (texts: ReadonlyArray<Text>): string =>
  texts.map(({ data, event, id }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`).join("")

/** What a worker can say of an attempt that it holds. */
export const makeReports = (
  { dice, network, world }: { readonly world: World; readonly network: Network; readonly dice: Dice },
  holding: Holding
) => {
  const { attempt } = holding
  const gaps = world.dice(`${attempt} gaps`)
  const refused = (problem: string) => world.trace.count(`refused ${problem}`)

  /** Says how it ended, until there is an answer. */
  const finish = Effect.fnUntraced(function* (report: WorkerReport) {
    world.saw({ _tag: "Reports", holding, report })
    for (let tries = 0; tries < mostReports; tries++) {
      const answer = yield* network.ask(
        dice,
        "finish",
        Effect.flatMap(Boss, (boss) => boss.finish(holding, report))
      )
      if (Option.isNone(answer)) {
        yield* Effect.sleep(300)
        continue
      }
      const word = Result.isFailure(answer.value)
        ? answer.value.failure._tag
        : answer.value.success
          ? "repeated"
          : "recorded"
      world.trace.count(`report ${word}`)
      world.trace.say(`${holding.worker} reports ${report._tag} of ${attempt}: ${word}`)
      if (Result.isSuccess(answer.value)) {
        world.saw({ _tag: "Recorded", holding, report, isRepeated: answer.value.success })
      } else world.saw({ _tag: "Refused", holding, problem: answer.value.failure._tag })
      return
    }
  })

  /** Gives a sign of life. What it is told; null if nothing is heard. */
  const heartbeat = Effect.gen(function* () {
    const askedAt = world.loop.elapsed()
    const answer = yield* network.ask(
      dice,
      "heartbeat",
      Effect.flatMap(Boss, (boss) => boss.heartbeat(holding))
    )
    if (Option.isNone(answer)) return null
    if (Result.isFailure(answer.value)) {
      refused(answer.value.failure._tag)
      return "over"
    }
    const ago = world.loop.elapsed() - askedAt
    const { cancelRequested } = answer.value.success
    world.saw({ _tag: "Alive", holding, ago, isToStop: cancelRequested })
    if (!cancelRequested) return "go on"
    world.trace.count("told to stop")
    return "stop"
  })

  const sent = (texts: ReadonlyArray<Text>) =>
    texts.forEach((text) => world.saw({ _tag: "Sent", holding, ...text }))

  /** Sends what is new after `held`, and sometimes what was sent before. The mark that was told; null when it is over. */
  const tell = Effect.fnUntraced(function* (held: number) {
    const again = dice.chance(0.2) ? Math.max(1, held) : held + 1
    const hasGap = gaps.chance(world.isCalm ? 0 : 0.05)
    if (hasGap) world.fault("progress with a gap")
    const from = hasGap ? held + 2 : again
    const texts = Array.from({ length: 1 + dice.below(3) }, (_, index) => someText(dice, from + index))
    sent(texts)
    const answer = yield* network.ask(
      dice,
      "progress",
      Effect.gen(function* () {
        const boss = yield* Boss
        const { mark, signals } = yield* boss.progress(holding, Option.none(), Stream.make(bodyOf(texts)))
        return { mark, signals: yield* Stream.runCollect(signals) }
      })
    )
    if (Option.isNone(answer)) return held
    if (Result.isFailure(answer.value)) {
      refused(answer.value.failure._tag)
      return null
    }
    let { mark } = answer.value.success
    for (const signal of answer.value.success.signals) {
      world.trace.count(`signal ${signal._tag}`)
      if (signal._tag === "Seen") {
        mark = Math.max(mark, signal.mark)
        world.saw({ _tag: "Seen", holding, mark: signal.mark })
      }
      if (signal._tag === "Rewind") world.saw({ _tag: "Rewound", holding, mark: signal.mark })
      if (signal._tag === "Over") return null
    }
    return mark
  })

  return { finish, heartbeat, tell, sent }
}

export type Reports = ReturnType<typeof makeReports>
