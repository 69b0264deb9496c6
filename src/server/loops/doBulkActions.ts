/** Carries out bulk actions, batch by batch. */
import { Effect } from "effect"
import { BulkActions } from "../../domain/jobs/BulkActions.ts"
import * as Duty from "./duty.ts"

export const doBulkActions = Effect.gen(function* () {
  const actions = yield* BulkActions
  return yield* Duty.run({
    name: "carry out bulk actions",
    step: actions.step,
    called: actions.asked,
    dueAfter: () => null
  })
})
