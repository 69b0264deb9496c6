/** What workers make of a job: they do it well or badly; some vanish, hang, or report after their time is over. */
import { Duration, Effect } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { Dice } from "../../support/Dice.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { cancelMeanwhile } from "./cancelling.ts"
import { makeConversation } from "./conversations.ts"
import { makeReports } from "./reports.ts"
import { makeStranger } from "./strangers.ts"

const holdingOf = ({ attempt, job }: ClaimedJob): Holding => ({
  job: job.id,
  attempt: attempt.id,
  worker: attempt.worker
})

/** Does a job, for a worker that has this chance. */
export const makeWork = (world: World, network: Network, name: string, dice: Dice) => {
  const stranger = makeStranger(world, network, name)
  const doubts = world.dice(`${name} doubts`)

  return Effect.fnUntraced(function* (claimed: ClaimedJob) {
    const { attempt, job } = claimed
    const holding = holdingOf(claimed)
    const reports = makeReports({ world, network, dice }, holding)
    const lease = Duration.toMillis(attempt.lease)
    // Nothing is to be learned any more from how long work takes.
    const mostOfStep = () => Math.min(lease / 2, world.isCalm ? 500 : Infinity)
    const { workerFails, workerHangs, workerSlow, workerVanishes } = world.faults
    const fails = dice.chance(workerFails)
    const slow = dice.chance(workerSlow) ? 8 : 1
    const conversation = dice.chance(0.25)
      ? makeConversation({ world, network, dice }, holding, reports)
      : null

    if (dice.chance(workerVanishes)) return world.fault("worker vanishes")
    if (dice.chance(workerHangs)) {
      world.fault("worker hangs")
      yield* Effect.sleep(Math.ceil(lease * (0.5 + 2 * dice.next())))
    }
    if (slow > 1) world.fault("worker slow")
    const steps = slow * dice.below(4)
    let held: number | null = 0
    for (let step = 0; step < steps; step++) {
      yield* Effect.sleep(Math.ceil(mostOfStep() * dice.next()))
      yield* stranger(holding)
      if (conversation === null && dice.chance(0.5)) {
        held = yield* reports.tell(held)
        if (held === null) break
        continue
      }
      const word = yield* conversation !== null && dice.chance(0.7) ? conversation.talk : reports.heartbeat
      if (word === "over" && dice.chance(0.5)) return
      if (word === "stop" && dice.chance(0.5)) return yield* reports.finish({ _tag: "Released" })
    }
    if (conversation !== null) yield* conversation.end
    yield* Effect.sleep(1 + dice.below(Math.ceil(mostOfStep())))
    if (dice.chance(world.isCalm ? 0 : 0.03)) return yield* reports.finish({ _tag: "Released" })
    if (fails) {
      world.fault("worker fails")
      const failed = {
        _tag: "Failed",
        error: { message: "it did not work", by: name },
        retryable: !dice.chance(0.1),
        retryIn: dice.chance(0.1) ? Duration.millis(dice.pick(0, 3_210)) : null
      } as const
      if (doubts.chance(0.1)) yield* cancelMeanwhile(network, doubts, job.id)
      yield* reports.finish(failed)
      if (doubts.chance(0.1))
        yield* reports.finish({ ...failed, error: { message: "it was something else", by: name } })
      return
    }
    yield* reports.finish({ _tag: "Done", result: { by: attempt.id, of: job.id } })
    // A second, different word must not count.
    if (dice.chance(0.05)) {
      yield* reports.finish({ _tag: "Failed", error: null, retryable: true, retryIn: null })
    }
  })
}
