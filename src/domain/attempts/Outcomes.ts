/** Ends attempts, whoever or whatever ends them: decides what follows (see `Lifecycle`), stores and publishes it. */
import { Array as Arr, Context, Effect, Layer, Random } from "effect"
import type { Holding } from "./Attempt.ts"
import { EventHub } from "../events/EventHub.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { JsonValue } from "../Json.ts"
import type { AttemptEnd } from "./AttemptEnd.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import type { ChangedJob, JobRecord } from "../jobs/Job.ts"
import { decide, done, released, type Report, type Transition } from "./Lifecycle.ts"
import { Quarantines } from "../workers/Quarantines.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"

/** A batch takes no more after this many attempts. Those of one call stay together, even if they are more. */
const largestBatch = 1_000

/** What a worker made of a job that it holds. */
export interface Success extends Holding {
  readonly result: JsonValue
}

export class Outcomes extends Context.Service<
  Outcomes,
  {
    /** Records each result if its worker holds the live attempt; otherwise null. Needs no knowledge of the jobs. */
    readonly succeed: (
      successes: Arr.NonEmptyReadonlyArray<Success>
    ) => Effect.Effect<ReadonlyArray<ChangedJob | null>>
    /**
     * Ends the live attempt of `job` by what is reported of it. Null if the job has changed since it was read: whoever
     * asks reads it again and sees.
     */
    readonly conclude: (job: JobRecord, report: Report) => Effect.Effect<ChangedJob | null>
    /** Gives the live attempt of `job` back, charged to nobody, unless it has ended by itself. */
    readonly release: (job: ChangedJob) => Effect.Effect<void>
  }
>()("lazyboss/domain/attempts/Outcomes") {
  static readonly layer = Layer.effect(
    Outcomes,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const policies = yield* SupervisorPolicy
      const hub = yield* EventHub
      const quarantines = yield* Quarantines
      const end = yield* GroupCommit.make<ReadonlyArray<AttemptEnd>, ReadonlyArray<ChangedJob | null>>({
        enough: largestBatch,
        sizeOf: (ends) => ends.length,
        write: Effect.fnUntraced(function* (batch) {
          const ends = batch.flat()
          const jobs = yield* repo.end(ends)
          if (jobs.length !== ends.length) throw new Error("the store did not answer for every end")
          let start = 0
          return batch.map(({ length }) => jobs.slice(start, (start += length)))
        }),
        tell: (batch, answers) => {
          const told = Arr.zip(batch.flat(), answers.flat()).flatMap(([{ transition }, job]) =>
            job === null ? [] : [{ job, circumstances: { by: null, error: transition.error } }]
          )
          const ended = told.map(({ job }) => job)
          const circumstances = told.map(({ circumstances }) => circumstances)
          return hub.publish("ended", ended, circumstances)
        }
      })

      const carryOut = Effect.fnUntraced(function* (
        job: ChangedJob,
        decision: { readonly transition: Transition; readonly onlyIfOverdue: boolean }
      ) {
        if (job.attempt === null) return null
        const [ended = null] = yield* end([
          {
            job: job.id,
            attempt: job.attempt.id,
            worker: null,
            cancelling: job.attempt.cancelAt !== null,
            ...decision
          }
        ])
        return ended
      })

      const releaseOnce = (job: ChangedJob) =>
        carryOut(job, {
          transition: released(job.attempt?.cancelAt != null),
          onlyIfOverdue: false
        })

      return Outcomes.of({
        succeed: (successes) =>
          end(
            successes.map(({ attempt, job, result, worker }) => ({
              job,
              attempt,
              worker,
              transition: done(result),
              cancelling: null,
              onlyIfOverdue: false
            }))
          ),

        conclude: Effect.fnUntraced(function* (job, report) {
          const policy = policies.of(job.group.type)
          const transition = decide(job, report, policy, yield* Random.next)
          const ended = yield* carryOut(job, { transition, onlyIfOverdue: report._tag === "ClockRanOut" })
          // Whoever has failed once too often asks for the next job as soon as it has the answer.
          if (ended !== null) yield* quarantines.consider(ended)
          return ended
          // What was ended must be considered, though the worker may hang up meanwhile.
        }, Effect.uninterruptible),

        release: Effect.fnUntraced(function* (job) {
          if ((yield* releaseOnce(job)) !== null) return
          // A cancellation may have come in between; a second one changes nothing.
          const [current] = yield* repo.find([job.id])
          if (current?.attempt?.id === job.attempt?.id && current?.status === "processing") {
            yield* releaseOnce(current)
          }
        })
      })
    })
  )
}
