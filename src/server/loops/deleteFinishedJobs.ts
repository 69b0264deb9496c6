/** Deletes finished jobs that have been kept for as long as the policy of their type says. */
import { Duration, Effect } from "effect"
import { clearanceOf } from "../../domain/jobs/Retention.ts"
import { RetentionRepo } from "../../domain/jobs/RetentionRepo.ts"
import { SupervisorPolicy } from "../../domain/policies/SupervisorPolicy.ts"
import * as Duty from "./duty.ts"

const largestBatch = 500
/** Between batches, so that those who work are not held up: at most 10,000 jobs are deleted in a second. */
const rest = Duration.millis(50)
/** Nobody waits for a job to be gone, and each look costs a step through the index for each type. */
const backstop = Duration.minutes(1)

/** Deletes a batch of what has been kept for long enough. */
export const deleteOutdated = Effect.gen(function* () {
  const repo = yield* RetentionRepo
  const policies = yield* SupervisorPolicy
  const kinds = (yield* repo.oldest).map((oldest) => ({
    oldest,
    retention: policies.of(oldest.type).retention
  }))
  const { next, outdated } = clearanceOf(kinds)
  if (outdated.length === 0) return { count: 0, next }
  return { count: yield* repo.deleteFinished(outdated, largestBatch), next: rest }
})

export const deleteFinishedJobs = Effect.gen(function* () {
  const services = yield* Effect.context<RetentionRepo | SupervisorPolicy>()
  return yield* Duty.run({
    name: "delete finished jobs",
    backstop,
    step: Effect.provide(deleteOutdated, services),
    dueAfter: () => null
  })
})
