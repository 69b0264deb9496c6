/** Parses a worker's progress stream into events and buffers them, with backpressure, until they are stored. */
import { Effect, Latch, Queue, Stream } from "effect"
import { Sse } from "effect/encoding"
import type { WireEvent } from "./Progress.ts"

/** The largest number of characters in the data of one event. */
export const longestEvent = 1_048_576
/** Reading the body pauses when this many events, or characters of them, are buffered. */
const mostEvents = 1_000
const mostCharacters = 2 * longestEvent

export const signOfLife = "sign of life"
export const tooLong = "too long"
export const endOfBody = "end of body"
/** An event, a comment or part of one, an event that was too long, or the end. What follows `tooLong` may be the rest of it. */
export type Incoming = WireEvent | typeof signOfLife | typeof tooLong | typeof endOfBody

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

/** Reads the body of a request into an inbox, until the scope closes. Its last item is `endOfBody`, also if the body fails. */
export const make = Effect.fnUntraced(function* (body: Stream.Stream<string, unknown>) {
  const queue = yield* Queue.bounded<Incoming>(mostEvents)
  const hasRoom = yield* Latch.make(true)
  const read = makeReader()
  let waiting = 0

  // A chunk is always taken whole, so the buffer may exceed its limit by one chunk.
  const put = (incoming: ReadonlyArray<Incoming>) =>
    Effect.suspend(() => {
      waiting += charactersOf(incoming)
      if (waiting >= mostCharacters) hasRoom.closeUnsafe()
      return Effect.andThen(Queue.offerAll(queue, incoming), hasRoom.await)
    })

  yield* Effect.forkScoped(
    Stream.runForEach(body, (chunk) => put(read(chunk))).pipe(
      Effect.ignore,
      Effect.andThen(Queue.offer(queue, endOfBody))
    )
  )

  return {
    /** Takes what waits, in its order, at most `count` of it. Waits until there is something. */
    take: (count: number): Effect.Effect<ReadonlyArray<Incoming>> =>
      Effect.map(Queue.takeBetween(queue, 1, count), (incoming) => {
        waiting -= charactersOf(incoming)
        if (waiting < mostCharacters) hasRoom.openUnsafe()
        return incoming
      })
  }
})
