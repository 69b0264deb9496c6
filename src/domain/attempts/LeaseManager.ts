/** The clocks of attempts: renews leases at signs of life, and ends the attempts of which a clock has run out. */
import { Context, type Duration, Effect, Layer } from "effect"
import type { AttemptRecord, Holding } from "./Attempt.ts"
import { EventHub } from "../events/EventHub.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { AttemptId, JobId } from "../Identifiers.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import type { ProgressWrite, Renewed } from "./SignOfLife.ts"
import { Outcomes } from "./Outcomes.ts"

/** At most this many renewals, progress writes or overdue attempts go into one batch. */
const largestBatch = 1_000

export class LeaseManager extends Context.Service<
  LeaseManager,
  {
    /** A sign of life. Null if the attempt is not live or not this worker's. */
    readonly renew: (job: JobId, attempt: AttemptId, worker: string) => Effect.Effect<AttemptRecord | null>
    /** Stores progress, which is a sign of life too. Null if the attempt is not live or its mark is another. */
    readonly renewWithProgress: (write: ProgressWrite) => Effect.Effect<AttemptRecord | null>
    /** Ends what is overdue: how many attempts, and how long until a next clock can run out, as far as is known. */
    readonly endOverdue: Effect.Effect<{ readonly count: number; readonly next: Duration.Duration | null }>
  }
>()("lazyboss/domain/attempts/LeaseManager") {
  static readonly layer = Layer.effect(
    LeaseManager,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const hub = yield* EventHub
      const outcomes = yield* Outcomes

      const tellStarted = (answers: ReadonlyArray<Renewed>) => {
        const started = answers.flatMap((living) => living?.started ?? [])
        return started.length === 0 ? Effect.void : hub.publish("started", started)
      }
      const tellProgress = (batch: ReadonlyArray<ProgressWrite>, answers: ReadonlyArray<Renewed>) => {
        const told = batch.filter(({ events }, index) => events.length > 0 && answers[index] != null)
        return told.length === 0 ? Effect.void : hub.publishProgress([...new Set(told.map(({ job }) => job))])
      }

      const renew = yield* GroupCommit.make<Holding, Renewed>({
        enough: largestBatch,
        write: repo.renew,
        tell: (_, answers) => tellStarted(answers)
      })
      const record = yield* GroupCommit.make<ProgressWrite, Renewed>({
        enough: largestBatch,
        write: repo.recordProgress,
        tell: (batch, answers) => Effect.andThen(tellStarted(answers), tellProgress(batch, answers))
      })

      return LeaseManager.of({
        renew: (job, attempt, worker) => renew({ job, attempt, worker }),
        renewWithProgress: record,
        endOverdue: Effect.gen(function* () {
          const { done, next } = yield* repo.overdue(largestBatch)
          yield* Effect.forEach(
            done,
            ({ clock, job }) => outcomes.conclude(job, { _tag: "ClockRanOut", clock }),
            { concurrency: "unbounded", discard: true }
          )
          return { count: done.length, next }
        })
      })
    })
  )
}
