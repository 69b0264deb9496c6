/** Creates the jobs of schedules when their ticks have come. */
import { Effect } from "effect"
import { Schedules } from "../../domain/schedules/Schedules.ts"
import * as Duty from "./duty.ts"

export const fireSchedules = Effect.gen(function* () {
  const schedules = yield* Schedules
  return yield* Duty.run({
    name: "fire schedules",
    step: schedules.step,
    called: schedules.changed,
    dueAfter: () => null
  })
})
