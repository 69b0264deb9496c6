/** Cancelling jobs while somebody else is about something with them. */
import { Effect, Option } from "effect"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Dice } from "../../support/Dice.ts"
import type { Network } from "../Network.ts"

const supervisor = anyone(Option.some("supervisor"))

/** Begins to cancel a job, and does not wait for it. */
export const cancelMeanwhile = (network: Network, dice: Dice, job: JobId) =>
  Effect.forkDetach(
    network.ask(
      dice,
      "cancel",
      Effect.flatMap(Boss, (boss) => boss.cancel(job, supervisor, "on second thoughts"))
    )
  )
