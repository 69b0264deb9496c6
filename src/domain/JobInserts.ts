/** What is to be stored of a new job, with the policy of its type filled in where it must be. */
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { JobId } from "./Identifiers.ts"
import type { NewJob } from "./Job.ts"
import type { JobInsert } from "./JobRepo.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"

/** Where a job comes from, and to which project it belongs. Null where there is none. */
export type Origin = Pick<JobInsert, "createdBy" | "project" | "schedule">

export const make = Effect.gen(function* () {
  const policies = yield* SupervisorPolicy
  const random = yield* SecureRandom.SecureRandom

  return Effect.fnUntraced(function* (job: NewJob, origin: Origin): Effect.fn.Return<JobInsert> {
    const policy = yield* policies.of(job.type)
    return {
      id: JobId.make(yield* random.uuidV7()),
      group: {
        type: job.type,
        priority: job.priority ?? 0,
        constraints: job.constraints ?? [],
        fairnessKey: job.fairnessKey ?? null
      },
      parameters: job.parameters === undefined ? {} : job.parameters,
      tags: job.tags ?? [],
      ...origin,
      runAt: job.runAt ?? null,
      delay: job.delay ?? null,
      expiresIn: job.expiresIn ?? policy.expiresIn,
      maxAttempts: job.maxAttempts ?? null,
      lease: job.lease ?? null,
      maxRun: job.maxRun ?? null
    }
  })
})
