/** The end of attempts: what follows is decided, written and told, whoever or whatever ended them. */
import { Context, Effect, Layer, Random } from "effect"
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
    /** Gives the live attempt of `job` back, charged to nobody, unless it has ended by itself. */
    readonly release: (job: JobRecord) => Effect.Effect<void>
  }
>()("lazyboss/domain/Outcomes") {
  static readonly layer = Layer.effect(
    Outcomes,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const policies = yield* SupervisorPolicy
      const hub = yield* EventHub
      const end = yield* GroupCommit.make<AttemptEnd, JobRecord | null>({
        maximum: largestBatch,
        write: repo.end,
        tell: (_, jobs) => hub.publish(jobs.filter((job) => job !== null))
      })

      const conclude = Effect.fnUntraced(function* (job: JobRecord, report: Report) {
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

      return Outcomes.of({
        conclude,

        succeed: ({ attempt, job, result, worker }) =>
          end({ job, attempt, worker, transition: done(result), cancelling: null, onlyIfOverdue: false }),

        release: Effect.fnUntraced(function* (job) {
          const released = yield* conclude(job, { _tag: "Released" })
          if (released !== null) return
          // A cancellation may have come in between; a second one changes nothing.
          const [current] = yield* repo.find([job.id])
          if (current?.attempt?.id === job.attempt?.id && current?.status === "processing") {
            yield* conclude(current, { _tag: "Released" })
          }
        })
      })
    })
  )
}
