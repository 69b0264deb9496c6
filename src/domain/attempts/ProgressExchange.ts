/** The conversation between a worker and the boss while a job runs: events one way, acknowledgements the other. */
import { DateTime, Duration, Effect, Queue, Stream } from "effect"
import { type AttemptRecord, type Outcome, wasReported } from "./Attempt.ts"
import { shorten } from "../events/BossEvent.ts"
import { EventFeed } from "../events/EventFeed.ts"
import { EventHub } from "../events/EventHub.ts"
import { ofAttempt } from "../events/eventsOf.ts"
import type { JobRecord } from "../jobs/Job.ts"
import type { PendingCancellation } from "../jobs/Cancellation.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import { LeaseManager } from "./LeaseManager.ts"
import * as LogCap from "./LogCap.ts"
import { receive, type WireEvent } from "./Progress.ts"
import * as ProgressInbox from "./ProgressInbox.ts"
import { Workers } from "../workers/Workers.ts"

/** What the boss says to a worker on its progress stream. `Over`, `Rewind` and `Malformed` are the last of it. */
export type Signal =
  | { readonly _tag: "Seen"; readonly mark: number }
  | { readonly _tag: "Rewind"; readonly mark: number }
  | { readonly _tag: "Lease"; readonly expiresAt: DateTime.Utc }
  | ({ readonly _tag: "Cancel" } & PendingCancellation)
  | { readonly _tag: "Malformed"; readonly detail: string }
  | { readonly _tag: "Over"; readonly outcome: Outcome | null }

/** At most this many events are stored in one step; how many characters, `ProgressInbox` limits. */
const largestStep = 500
/** How many signals are buffered for a slow reader. */
const outboxSize = 64
/** How often the attempt is read without news of it, for news of a cancellation may get lost. */
const backstop = Duration.seconds(15)

/**
 * Makes the conversation: it takes the body of a worker's progress request, as text in pieces, and answers with
 * signals: `Seen` for what is stored, and at the end of the body `Seen` once more. It ends when the body ends, when the
 * attempt is over, or when the worker has to begin again.
 */
export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const leases = yield* LeaseManager
  const workers = yield* Workers
  const feed = yield* EventFeed
  const keepLogWithin = yield* LogCap.make

  return (
    job: JobRecord,
    begun: AttemptRecord,
    logCap: number,
    body: Stream.Stream<string, unknown>
  ): Stream.Stream<Signal> =>
    Stream.callback<Signal>(
      (outbox) =>
        Effect.gen(function* () {
          const changed = yield* hub.watch(begun.job)
          const inbox = yield* ProgressInbox.make(body)
          let mark = begun.mark
          let told = { percent: begun.percent, message: begun.message }
          let isCancelTold = false
          let leaseTold = begun.leaseExpiresAt
          let lastSaid: Signal["_tag"] | null = null

          const say = (signal: Signal) => {
            lastSaid = signal._tag
            return Queue.offer(outbox, signal)
          }

          // A worker that has just reported the end of its attempt needs no word for why the stream ends.
          const sayOver = (attempt: AttemptRecord | null) =>
            attempt !== null && wasReported(attempt)
              ? Effect.void
              : Effect.asVoid(say({ _tag: "Over", outcome: attempt?.outcome ?? null }))

          const sayWhatChanged = Effect.fnUntraced(function* (attempt: AttemptRecord) {
            if (attempt.cancelAt !== null && !isCancelTold) {
              isCancelTold = true
              const cancellation = yield* repo.findCancellation(begun.job, begun.id)
              if (cancellation !== null) yield* say({ _tag: "Cancel", ...cancellation })
            }
            // Often enough for a worker to rely on it, seldom enough not to be a second stream of acknowledgements.
            const gained = DateTime.distance(leaseTold, attempt.leaseExpiresAt)
            if (Duration.isGreaterThan(gained, Duration.divideUnsafe(attempt.lease, 3))) {
              leaseTold = attempt.leaseExpiresAt
              yield* say({ _tag: "Lease", expiresAt: attempt.leaseExpiresAt })
            }
          })

          const tellProgress = Effect.fnUntraced(function* ({ message, percent }: AttemptRecord) {
            if (percent === told.percent && message === told.message) return
            told = { percent, message }
            yield* feed.tell({
              event: "job.progress",
              ...ofAttempt(job, begun),
              percent,
              message: message === null ? null : shorten(message)
            })
          })

          const store = Effect.fnUntraced(function* (wireEvents: ReadonlyArray<WireEvent>) {
            workers.saw(begun.worker)
            while (true) {
              const received = receive(mark, wireEvents)
              const attempt = yield* leases.renewWithProgress({
                attempt: begun.id,
                job: begun.job,
                mark,
                events: received.events,
                percent: received.percent,
                message: received.message,
                checkpoint: received.checkpoint
              })
              if (attempt !== null) {
                mark = attempt.mark
                yield* tellProgress(attempt)
                yield* keepLogWithin(begun.job, logCap, received.events)
                return { attempt, received }
              }
              // Either the attempt is over, or the worker's next connection was faster: then its mark counts.
              const current = yield* repo.findAttempt(begun.job, begun.id)
              if (current === null || current.endedAt !== null || current.mark === mark) {
                yield* sayOver(current)
                return null
              }
              mark = current.mark
            }
          })

          // True while the conversation goes on.
          const answer = Effect.fnUntraced(function* (received: ReadonlyArray<ProgressInbox.Incoming>) {
            // What follows an event that was too long may be the rest of it.
            const isTooLong = received.includes(ProgressInbox.tooLong)
            const incoming = isTooLong ? received.slice(0, received.indexOf(ProgressInbox.tooLong)) : received
            const stored = yield* store(incoming.filter((item) => typeof item !== "string"))
            if (stored === null) return false
            const { acknowledge, end } = stored.received
            if (acknowledge !== null) yield* say({ _tag: "Seen", mark: acknowledge })
            yield* sayWhatChanged(stored.attempt)
            if (end !== null) {
              yield* say(end)
              return false
            }
            if (isTooLong) {
              yield* say({
                _tag: "Malformed",
                detail: `an event must not be longer than ${ProgressInbox.longestEvent} characters`
              })
              return false
            }
            if (!incoming.includes(ProgressInbox.endOfBody)) return true
            if (lastSaid !== "Seen") yield* say({ _tag: "Seen", mark })
            return false
          })

          const watch = Effect.gen(function* () {
            while (true) {
              yield* Effect.timeoutOption(changed, backstop)
              const attempt = yield* repo.findAttempt(begun.job, begun.id)
              if (attempt === null || attempt.endedAt !== null) {
                return yield* sayOver(attempt)
              }
              yield* sayWhatChanged(attempt)
            }
          })

          const converse = Effect.gen(function* () {
            while (yield* answer(yield* inbox.take(largestStep))) {
              // until there is nothing more to say
            }
          })

          yield* Effect.raceFirst(converse, watch)
          yield* Queue.end(outbox)
        }),
      { bufferSize: outboxSize, strategy: "suspend" }
    )
})
