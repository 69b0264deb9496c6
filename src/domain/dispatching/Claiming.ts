/** A stream of assignments for a worker that keeps its connection open. */
import { Duration, Effect, Latch, Queue, Stream } from "effect"
import { Dispatcher } from "./Dispatcher.ts"
import { EventHub } from "../events/EventHub.ts"
import type { PendingCancellation } from "../jobs/Cancellation.ts"
import type { ClaimedJob } from "../jobs/Claim.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import { retryForever } from "../retryForever.ts"
import type { Vacancy } from "./Vacancies.ts"
import { Workers } from "../workers/Workers.ts"

/** A claim on behalf of an open stream is made anew after this time. */
const claimWait = Duration.seconds(60)
/** How often each unfinished attempt is read without news of it, for such news may get lost. */
const backstop = Duration.seconds(15)

/** What a worker on an open stream is told: a job, or that a job it holds is to be stopped. */
export type ClaimSignal =
  | {
      readonly _tag: "Assigned"
      readonly claimed: ClaimedJob
      /** To be called when the job is on its way to the worker: until then it would be given back. */
      readonly onSent: () => void
    }
  | ({ readonly _tag: "Cancel"; readonly claimed: ClaimedJob } & PendingCancellation)

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const dispatcher = yield* Dispatcher
  const workers = yield* Workers

  /**
   * Assigns jobs as long as the stream is read, never more than `vacancy.max` unfinished ones at a time: each outcome
   * makes room for one more. Closing it is draining: what was assigned stays assigned, except jobs that were not
   * sent, which are given back.
   */
  const claims = (vacancy: Vacancy): Stream.Stream<ClaimSignal> =>
    Stream.suspend(() => {
      const unsent = new Set<ClaimedJob>()
      return Stream.callback<ClaimSignal>((queue) =>
        Effect.gen(function* () {
          yield* workers.keepInSight(vacancy.worker, vacancy.suitability)
          const hasCredit = yield* Latch.make(true)
          let credit = vacancy.max

          // Returns when the attempt is over, however it ended and on whichever server.
          const attend = Effect.fnUntraced(function* (claimed: ClaimedJob) {
            const changed = yield* hub.watch(claimed.job.id)
            let isCancelTold = false
            while (true) {
              const attempt = yield* retryForever(
                "look at an attempt",
                repo.findAttempt(claimed.job.id, claimed.attempt.id)
              )
              if (attempt === null || attempt.endedAt !== null) break
              if (attempt.cancelAt !== null && !isCancelTold) {
                isCancelTold = true
                const cancellation = yield* retryForever(
                  "look at the cancellation of an attempt",
                  repo.findCancellation(claimed.job.id, claimed.attempt.id)
                )
                if (cancellation !== null)
                  yield* Queue.offer(queue, { _tag: "Cancel", claimed, ...cancellation })
              }
              yield* Effect.timeoutOption(changed, backstop)
            }
            credit += 1
            yield* hasCredit.open
          }, Effect.scoped)

          while (!(yield* dispatcher.isClosed)) {
            yield* hasCredit.await
            // A stream outlives the store's absences: unlike a poll, it is not answered with an error.
            const claim = dispatcher.claim({ ...vacancy, max: credit }, claimWait)
            const jobs = yield* retryForever("claim jobs for a stream", claim)
            for (const claimed of jobs) {
              unsent.add(claimed)
              credit -= 1
              yield* Queue.offer(queue, {
                _tag: "Assigned",
                claimed,
                onSent: () => unsent.delete(claimed)
              })
              yield* Effect.forkScoped(attend(claimed))
            }
            if (credit <= 0) hasCredit.closeUnsafe()
          }
          yield* Queue.end(queue)
        })
      ).pipe(Stream.ensuring(Effect.suspend(() => dispatcher.giveBack([...unsent]))))
    })

  return { claims }
})
