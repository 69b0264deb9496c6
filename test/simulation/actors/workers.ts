/** Workers: they ask for jobs and do them, well or badly; some vanish, hang, or report after their time is over. */
import { Duration, Effect, Option, Result, Stream } from "effect"
import type { Holding } from "../../../src/domain/Attempt.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { ClaimedJob } from "../../../src/domain/JobRepo.ts"
import type { WorkerReport } from "../../../src/domain/Reporting.ts"
import type { Vacancy } from "../../../src/domain/Vacancies.ts"
import type { Dice } from "../../stores/Dice.ts"
import { able, vacancy } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

const holdingOf = ({ attempt, job }: ClaimedJob): Holding => ({
  job: job.id,
  attempt: attempt.id,
  worker: attempt.worker
})

/** A worker reports so often until it gives up. */
const mostReports = 8

export const makeWorker = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice: Dice = world.dice(name)

  const work = Effect.fnUntraced(function* (claimed: ClaimedJob) {
    const holding = holdingOf(claimed)
    const { attempt, job } = claimed
    const lease = Duration.toMillis(attempt.lease)
    const { workerFails, workerHangs, workerSlow, workerVanishes } = world.faults
    const fails = dice.chance(workerFails)
    const slow = dice.chance(workerSlow) ? 8 : 1
    let sent = 0

    const tell = Effect.fnUntraced(function* (held: number) {
      // Sends what is new, and sometimes again what was sent before.
      const from = dice.chance(0.2) ? Math.max(1, held) : held + 1
      const events = Array.from({ length: 1 + dice.below(3) }, (_, index) => from + index)
      const texts = events.map((id) => {
        const event = dice.pick("log_chunk", "percent", "message", "checkpoint", "note")
        const data =
          event === "percent" ? String(id % 100) : event === "checkpoint" ? `{"at":${id}}` : `${event} ${id}`
        return { id, event, data }
      })
      for (const text of texts) world.saw({ _tag: "Sent", attempt: attempt.id, ...text })
      sent = Math.max(sent, from + events.length - 1)
      const body = texts
        .map(({ data, event, id }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)
        .join("")
      const answer = yield* network.ask(
        dice,
        "progress",
        Effect.gen(function* () {
          const boss = yield* Boss
          const { mark, signals } = yield* boss.progress(holding, Option.none(), Stream.make(body))
          return { mark, signals: yield* Stream.runCollect(signals) }
        })
      )
      if (Option.isNone(answer)) return held
      if (Result.isFailure(answer.value)) {
        world.trace.count(`refused ${answer.value.failure._tag}`)
        return null
      }
      let mark = answer.value.success.mark
      for (const signal of answer.value.success.signals) {
        world.trace.count(`signal ${signal._tag}`)
        if (signal._tag === "Seen") {
          mark = Math.max(mark, signal.mark)
          world.saw({ _tag: "Seen", attempt: attempt.id, mark: signal.mark })
        }
        if (signal._tag === "Over") return null
      }
      return mark
    })

    const report = Effect.fnUntraced(function* (what: WorkerReport) {
      for (let tries = 0; tries < mostReports; tries++) {
        const answer = yield* network.ask(
          dice,
          "finish",
          Effect.flatMap(Boss, (boss) => boss.finish(holding, what))
        )
        if (Option.isNone(answer)) {
          yield* Effect.sleep(300)
          continue
        }
        const [word] = Result.isSuccess(answer.value)
          ? [answer.value.success ? "repeated" : "recorded"]
          : [answer.value.failure._tag]
        world.trace.count(`report ${word}`)
        world.trace.say(`${name} reports ${what._tag} of ${attempt.id}: ${word}`)
        if (Result.isSuccess(answer.value)) {
          world.saw({ _tag: "Recorded", holding, report: what, isRepeated: answer.value.success })
        } else world.saw({ _tag: "Refused", holding, problem: answer.value.failure._tag })
        return
      }
    })

    if (dice.chance(workerVanishes)) {
      world.fault("worker vanishes")
      return
    }
    if (dice.chance(workerHangs)) {
      world.fault("worker hangs")
      yield* Effect.sleep(Math.ceil(lease * (0.5 + 2 * dice.next())))
    }
    if (slow > 1) world.fault("worker slow")
    const steps = slow * dice.below(4)
    let held: number | null = 0
    for (let step = 0; step < steps; step++) {
      yield* Effect.sleep(Math.ceil((lease / 2) * dice.next()))
      if (dice.chance(0.5)) {
        held = yield* tell(held)
        if (held === null) break
        continue
      }
      const answer = yield* network.ask(
        dice,
        "heartbeat",
        Effect.flatMap(Boss, (boss) => boss.heartbeat(holding))
      )
      if (Option.isSome(answer) && Result.isFailure(answer.value)) {
        world.trace.count(`refused ${answer.value.failure._tag}`)
        if (dice.chance(0.5)) return
      } else if (
        Option.isSome(answer) &&
        Result.isSuccess(answer.value) &&
        answer.value.success.cancelRequested
      ) {
        world.trace.count("told to stop")
        if (dice.chance(0.5)) return yield* report({ _tag: "Released" })
      }
    }
    yield* Effect.sleep(1 + dice.below(Math.ceil(lease / 2)))
    if (dice.chance(world.isCalm ? 0 : 0.03)) return yield* report({ _tag: "Released" })
    if (fails) {
      world.fault("worker fails")
      return yield* report({
        _tag: "Failed",
        error: { message: "it did not work", by: name },
        retryable: !dice.chance(0.1),
        retryIn: dice.chance(0.1) ? Duration.millis(dice.pick(0, 3_210)) : null
      })
    }
    yield* report({ _tag: "Done", result: { by: attempt.id, of: job.id } })
    // A second, different word must not count.
    if (dice.chance(0.05)) yield* report({ _tag: "Failed", error: null, retryable: true, retryIn: null })
  })

  const askOnce = Effect.fnUntraced(function* (wish: Vacancy) {
    const wait = Duration.seconds(dice.pick(0, 5, 20))
    const answer = yield* network.ask(
      dice,
      "claim",
      Effect.flatMap(Boss, (boss) => boss.claim(wish, wait))
    )
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
