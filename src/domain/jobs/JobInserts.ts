/** What is to be stored of a new job, with the policy of its type filled in where it must be. */
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { JobId } from "../Identifiers.ts"
import type { NewJob } from "./Job.ts"
import type { JobInsert } from "./Submission.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"

/** Where a job comes from, and to which project it belongs. Null where there is none. */
export type Origin = Pick<JobInsert, "createdBy" | "project" | "schedule">

export const make = Effect.gen(function* () {
  const policies = yield* SupervisorPolicy
  const random = yield* SecureRandom.SecureRandom

  return (job: NewJob, { createdBy, project, schedule }: Origin): Effect.Effect<JobInsert> =>
    Effect.map(random.uuidV7(), (id) => ({
      id: JobId.make(id),
      group: {
        type: job.type,
        priority: job.priority ?? 0,
        constraints: job.constraints ?? [],
        fairnessKey: job.fairnessKey ?? null
      },
      parameters: job.parameters === undefined ? {} : job.parameters,
      tags: job.tags ?? [],
      createdBy,
      project,
      schedule,
      runAt: job.runAt ?? null,
      delay: job.delay ?? null,
      expiresIn: job.expiresIn ?? policies.of(job.type).expiresIn,
      maxAttempts: job.maxAttempts ?? null,
      lease: job.lease ?? null,
      maxRun: job.maxRun ?? null
    }))
})
