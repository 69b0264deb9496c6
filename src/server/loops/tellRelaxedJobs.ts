/** Tells of jobs that have been pending for so long that constraints of them have become wishes. */
import { Duration, Effect } from "effect"
import { EventHub } from "../../domain/events/EventHub.ts"
import { relaxedAfter } from "../../domain/jobs/dueAfter.ts"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import type { WaitsOf } from "../../domain/jobs/Waited.ts"
import { tellRelaxed } from "../../domain/jobs/tellRelaxed.ts"
import { relaxTimes } from "../../domain/matching/Matching.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

/** How often the store is searched: each server knows its own jobs, so this is for those of a server that died. */
const backstop = Duration.seconds(30)

const waitsOf: WaitsOf = (group) => relaxTimes(group).map((millis) => Duration.millis(millis))

/** Tells a batch of the jobs whose constraints were relaxed since the last batch. */
const step = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const { done, next } = yield* repo.relaxed(waitsOf, largestBatch)
  yield* tellRelaxed(hub, done)
  return { count: done.length, next }
})

export const tellRelaxedJobs = Effect.gen(function* () {
  const services = yield* Effect.context<EventHub | JobRepo>()
  return yield* Duty.run({
    name: "tell of relaxed constraints",
    backstop,
    step: Effect.provide(step, services),
    dueAfter: relaxedAfter
  })
})
