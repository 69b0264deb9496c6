/** The conversation between a worker and the boss while a job runs: events one way, acknowledgements the other. */
import { DateTime, Duration, Effect, Latch, Queue, Stream } from "effect"
import { Sse } from "effect/encoding"
import { type AttemptRecord, type Outcome, wasReported } from "./Attempt.ts"
import { shorten } from "./BossEvent.ts"
import { EventFeed } from "./EventFeed.ts"
import { EventHub } from "./EventHub.ts"
import { ofAttempt } from "./eventsOf.ts"
import type { JobRecord } from "./Job.ts"
import { JobRepo } from "./JobRepo.ts"
import { LeaseManager } from "./LeaseManager.ts"
import * as LogCap from "./LogCap.ts"
import { receive, type WireEvent } from "./Progress.ts"
import { Workers } from "./Workers.ts"

/** What the boss says to a worker on its progress stream. `Over`, `Rewind` and `Malformed` are the last of it. */
export type Signal =
  | { readonly _tag: "Seen"; readonly mark: number }
  | { readonly _tag: "Rewind"; readonly mark: number }
  | { readonly _tag: "Lease"; readonly expiresAt: DateTime.Utc }
  | { readonly _tag: "Cancel"; readonly grace: Duration.Duration; readonly reason: string | null }
  | { readonly _tag: "Malformed"; readonly detail: string }
  | { readonly _tag: "Over"; readonly outcome: Outcome | null }

/** An event may have so many characters, all its lines together. */
export const longestEvent = 1_048_576
/** At most this many events are stored in one step, and no more characters than may wait. */
const largestStep = 500
/** So many events, or characters of them, may wait to be stored before the worker is held up. */
const inboxSize = 1_000
const inboxCharacters = 2 * longestEvent
/** So many signals may wait for a slow reader. */
const outboxSize = 64
/** News of a cancellation may get lost: so often is the attempt looked at in any case. */
const backstop = Duration.seconds(15)

const signOfLife = "sign of life"
const tooLong = "too long"
const endOfBody = "end of body"
type Incoming = WireEvent | typeof signOfLife | typeof tooLong | typeof endOfBody

const charactersOf = (incoming: ReadonlyArray<Incoming>): number =>
  incoming.reduce((sum, item) => sum + (typeof item === "string" ? 0 : item.data.length), 0)

// An EventSource lets an event without an id inherit the one before. Here every event counts, so the parser is made to
// forget each id after use. Feeding it from within is safe: an event is dispatched when nothing of its line is pending.
const makeReader = () => {
  let found: Array<Incoming> = []
  const parser = Sse.makeParser(
    (event) => {
      if (event._tag === "Retry") return
      // The parser looks at the length between pieces only, and an event may end in the piece in which it grew too long.
      found.push(
        event.data.length > longestEvent
          ? tooLong
          : { id: event.id ?? "", event: event.event, data: event.data }
      )
      parser.feed("id:\n")
    },
    { maxEventSize: longestEvent, dispatchEmptyNamedEvents: true }
  )
  return (chunk: string): ReadonlyArray<Incoming> => {
    found = []
    const error = parser.feed(chunk)
    if (error !== undefined) return [...found, tooLong]
    return found.length === 0 ? [signOfLife] : found
  }
}

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
          const inbox = yield* Queue.bounded<Incoming>(inboxSize)
          const read = makeReader()
          const hasRoom = yield* Latch.make(true)
          let waiting = 0
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
              const left = DateTime.distance(yield* DateTime.now, attempt.cancelAt)
              const [job] = yield* repo.find([begun.job])
              yield* say({
                _tag: "Cancel",
                grace: Duration.max(left, Duration.zero),
                reason: job?.cancelRequest?.reason ?? null
              })
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
          const answer = Effect.fnUntraced(function* (received: ReadonlyArray<Incoming>) {
            // What follows an event that was too long may be the rest of it.
            const isTooLong = received.includes(tooLong)
            const incoming = isTooLong ? received.slice(0, received.indexOf(tooLong)) : received
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
                detail: `an event must not be longer than ${longestEvent} characters`
              })
              return false
            }
            if (!incoming.includes(endOfBody)) return true
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

          // The last chunk of the body that is let in may bring more than there is room for.
          const put = (incoming: ReadonlyArray<Incoming>) =>
            Effect.suspend(() => {
              waiting += charactersOf(incoming)
              if (waiting >= inboxCharacters) hasRoom.closeUnsafe()
              return Effect.andThen(Queue.offerAll(inbox, incoming), hasRoom.await)
            })

          const take = Effect.map(Queue.takeBetween(inbox, 1, largestStep), (incoming) => {
            waiting -= charactersOf(incoming)
            if (waiting < inboxCharacters) hasRoom.openUnsafe()
            return incoming
          })

          const converse = Effect.gen(function* () {
            while (yield* answer(yield* take)) {
              // until there is nothing more to say
            }
          })

          yield* Effect.forkScoped(
            Stream.runForEach(body, (chunk) => put(read(chunk))).pipe(
              Effect.ignore,
              Effect.andThen(Queue.offer(inbox, endOfBody))
            )
          )
          yield* Effect.raceFirst(converse, watch)
          yield* Queue.end(outbox)
        }),
      { bufferSize: outboxSize, strategy: "suspend" }
    )
})
