/** Ends the attempts of which a clock has run out. */
import { Effect } from "effect"
import { LeaseManager } from "../../domain/attempts/LeaseManager.ts"
import { overdueAfter } from "../../domain/jobs/dueAfter.ts"
import * as Duty from "./duty.ts"

export const endOverdueAttempts = Effect.gen(function* () {
  const leases = yield* LeaseManager
  return yield* Duty.run({
    name: "end overdue attempts",
    step: leases.endOverdue,
    dueAfter: overdueAfter
  })
})
