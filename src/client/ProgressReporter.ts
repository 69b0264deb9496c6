/** Tells the server how a job goes: events are numbered, sent in short bodies, and sent again until acknowledged. */
import { Data, Effect, Latch, Queue } from "effect"
import { Sse } from "effect/encoding"
import type { Assignment } from "../domain/jobs/Assignment.ts"
import type { JsonValue } from "../domain/Json.ts"
import { LazybossClient } from "./LazybossClient.ts"
import { isPassing, untilItIsBack } from "./Reconnecting.ts"

/** Events that may wait to be sent; a worker that tells more is held up. */
const backlog = 256
/** A longer text is told in several events, so that those that wait have no more than 4 million characters. */
const longestText = 16_384
/** The server takes no longer event. */
const longestCheckpoint = 1_048_576

/** How a worker tells of its work. Each returns once the event is on its way, not when it has arrived. */
export interface ProgressReporter {
  /** Appends text to the job's log, as it is: a line needs its line break. */
  readonly log: (text: string) => Effect.Effect<void>
  /** 0 to 100. */
  readonly percent: (percent: number) => Effect.Effect<void>
  /** A line for people. */
  readonly message: (text: string) => Effect.Effect<void>
  /** What the next attempt is to begin with, if this one is lost: at most 1 MiB of JSON. */
  readonly checkpoint: (value: JsonValue) => Effect.Effect<void>
}

/** Why the work is to stop: the job is being cancelled, or the attempt is no longer this worker's. */
export type Stop = "cancelled" | "over"

interface NumberedEvent {
  readonly id: number
  readonly text: string
}

// The answer ended before all was acknowledged, as it does when the server stops.
class CutShort extends Data.TaggedError("CutShort") {}

const read = (answer: string): ReadonlyArray<Sse.Event> => {
  const events: Array<Sse.Event> = []
  Sse.makeParser((event) => {
    if (event._tag === "Event") events.push(event)
  }).feed(answer)
  return events
}

// The encoder leaves out the name "message", and an empty event without a name is none.
const write = (id: number, event: string, data: string): string => {
  const text = Sse.encoder.write({ _tag: "Event", id: String(id), event, data })
  return event === "message" ? `event: message\n${text}` : text
}

const piecesOf = (text: string): ReadonlyArray<string> =>
  text.match(new RegExp(`.{1,${longestText}}`, "gsu")) ?? []

const formatPercent = (percent: number): string =>
  String(Math.round(Math.min(Math.max(percent, 0), 100) * 100) / 100)

/**
 * Makes the reporter of one assignment. `flush` waits until all that was told has arrived, or nobody wants to hear it.
 * `onStop` runs when the server wants the work to stop.
 */
export const make = Effect.fnUntraced(function* (
  assignment: Assignment,
  onStop: (why: Stop) => Effect.Effect<void>
) {
  const client = yield* LazybossClient
  const queue = yield* Queue.bounded<NumberedEvent>(backlog)
  const idle = yield* Latch.make(true)
  let lastId = 0
  let isOver = false

  const tell = (event: string, data: string) =>
    Effect.suspend(() => {
      lastId += 1
      idle.closeUnsafe()
      return Effect.asVoid(Queue.offer(queue, { id: lastId, text: write(lastId, event, data) }))
    })

  const stop = Effect.suspend(() => {
    isOver = true
    return onStop("over")
  })

  const deliver = Effect.fnUntraced(function* (events: ReadonlyArray<NumberedEvent>) {
    const answer = read(
      yield* client.work.progress({
        params: { id: assignment.id, attempt: assignment.attempt },
        headers: {},
        payload: events.map(({ text }) => text).join("")
      })
    )
    if (answer.some(({ event }) => event === "cancel")) yield* onStop("cancelled")
    if (answer.some(({ event }) => event === "error" || event === "rewind")) return yield* stop
    const last = events.at(-1)?.id ?? 0
    if (!answer.some(({ event, id }) => event === "seen" && Number(id) >= last)) return yield* new CutShort()
  })

  const deliverNext = Effect.gen(function* () {
    const events = yield* Queue.takeBetween(queue, 1, backlog)
    if (!isOver) {
      yield* deliver(events).pipe(
        Effect.retry({
          schedule: untilItIsBack,
          while: (error) => error._tag === "CutShort" || isPassing(error)
        }),
        // There is nobody left who wants to hear of it.
        Effect.catch(() => stop)
      )
    }
    if (events.at(-1)?.id === lastId) yield* idle.open
  })
  yield* Effect.forkScoped(Effect.forever(deliverNext))

  const reporter: ProgressReporter = {
    log: (text) => Effect.forEach(piecesOf(text), (piece) => tell("log_chunk", piece), { discard: true }),
    percent: (percent) => (Number.isFinite(percent) ? tell("percent", formatPercent(percent)) : Effect.void),
    message: (text) => tell("message", text.slice(0, longestText)),
    checkpoint: (value) => {
      const text = JSON.stringify(value)
      return text.length <= longestCheckpoint
        ? tell("checkpoint", text)
        : Effect.die(new Error(`a checkpoint of ${text.length} characters is too long: 1 MiB at most`))
    }
  }
  return { reporter, flush: idle.await }
})
