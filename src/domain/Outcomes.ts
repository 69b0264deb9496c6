/** The end of attempts: what follows is decided, written and told, whoever or whatever ended them. */
import { Array as Arr, Context, Effect, Layer, Random } from "effect"
import { EventHub } from "./EventHub.ts"
import * as GroupCommit from "./GroupCommit.ts"
import type { AttemptId, JobId } from "./Identifiers.ts"
import type { JsonValue } from "./Json.ts"
import { type AttemptEnd, JobRepo } from "./JobRepo.ts"
import type { JobRecord } from "./Job.ts"
import { decide, done, type Report } from "./Lifecycle.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"

/** At most this many attempts are ended in one batch. */
const largestBatch = 1_000

export class Outcomes extends Context.Service<
  Outcomes,
  {
    /** Records a result, if this worker holds the live attempt; otherwise null. Needs no knowledge of the job. */
    readonly succeed: (ending: {
      readonly job: JobId
      readonly attempt: AttemptId
      readonly worker: string
      readonly result: JsonValue
    }) => Effect.Effect<JobRecord | null>
    /**
     * Ends the live attempt of `job` by what is reported of it. Null if the job has changed since it was read: whoever
     * asks reads it again and sees.
     */
    readonly conclude: (job: JobRecord, report: Report) => Effect.Effect<JobRecord | null>
  }
>()("lazyboss/domain/Outcomes") {
  static readonly layer = Layer.effect(
    Outcomes,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const policies = yield* SupervisorPolicy
      const hub = yield* EventHub
      const end = yield* GroupCommit.make(largestBatch, (batch: Arr.NonEmptyReadonlyArray<AttemptEnd>) =>
        Effect.tap(repo.end(batch), (jobs) => hub.publish(jobs.filter((job) => job !== null)))
      )

      return Outcomes.of({
        succeed: ({ attempt, job, result, worker }) =>
          end({ job, attempt, worker, transition: done(result), cancelling: null, onlyIfOverdue: false }),

        conclude: Effect.fnUntraced(function* (job, report) {
          if (job.attempt === null) return null
          const policy = yield* policies.of(job.group.type)
          const transition = decide(job, report, policy, yield* Random.next)
          return yield* end({
            job: job.id,
            attempt: job.attempt.id,
            worker: null,
            transition,
            cancelling: job.attempt.cancelAt !== null,
            onlyIfOverdue: report._tag === "ClockRanOut"
          })
        })
      })
    })
  )
}
