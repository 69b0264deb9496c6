/** Fails jobs that were not finished within their `expiresIn`. */
import { Effect } from "effect"
import { EventHub } from "../../domain/events/EventHub.ts"
import { expiredAfter } from "../../domain/jobs/dueAfter.ts"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

export const expireJobs = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  return yield* Duty.run({
    name: "expire jobs",
    step: Effect.gen(function* () {
      const { done, next } = yield* repo.expire(largestBatch)
      yield* hub.publish("expired", done)
      return { count: done.length, next }
    }),
    dueAfter: expiredAfter
  })
})
