/** Makes scheduled jobs pending when their time has come. */
import { Effect } from "effect"
import { EventHub } from "../../domain/events/EventHub.ts"
import { promotedAfter } from "../../domain/jobs/dueAfter.ts"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

export const promoteScheduledJobs = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  return yield* Duty.run({
    name: "promote scheduled jobs",
    step: Effect.gen(function* () {
      const { done, next } = yield* repo.promote(largestBatch)
      yield* hub.publish("promoted", done)
      return { count: done.length, next }
    }),
    dueAfter: promotedAfter
  })
})
