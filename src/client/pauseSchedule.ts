/** Pausing a schedule, and letting it go on. */
import { Effect, Struct } from "effect"
import type { LazybossClient } from "./LazybossClient.ts"

/** There is no half of a schedule: all that it says is said again. */
export const pauseSchedule = Effect.fnUntraced(function* (
  { schedules }: typeof LazybossClient.Service,
  name: string,
  paused: boolean
) {
  const params = { name }
  const rules = Struct.pick(yield* schedules.get({ params }), [
    "cron",
    "timeZone",
    "job",
    "overlap",
    "catchUp"
  ])
  return yield* schedules.put({ params, payload: { ...rules, paused } })
})
