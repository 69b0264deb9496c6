/** Makes scheduled jobs pending when their time has come. */
import { DateTime, Duration, Effect } from "effect"
import { EventHub } from "../../domain/events/EventHub.ts"
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
    dueAfter: ({ attempt, createdAt, runAt, status }, change) => {
      if (status !== "scheduled") return null
      // When an amendment was made is not known here, so the store is asked at once.
      return change === "amended" ? Duration.zero : DateTime.distance(attempt?.endedAt ?? createdAt, runAt)
    }
  })
})
