/** Answers that go on: Server-Sent Events, kept alive, ended when the server closes. */
import { Array as Arr, Duration, Effect, Stream } from "effect"
import { Sse } from "effect/encoding"
import { HttpServerResponse } from "effect/http"
import { eventStream } from "../../domain/api/Conventions.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { Tokens } from "../../domain/access/Tokens.ts"
import { Shutdown } from "./Shutdown.ts"

/** An event as it is written. Without a name it is what an `EventSource` calls a message. */
export interface OutgoingEvent {
  readonly id: string | undefined
  readonly event: string | null
  readonly data: string
  /** Called when the connection has taken the event and asks for more. */
  readonly onSent?: () => void
}

/** At least every 15 s something is sent; proxies and readers measure differently, so somewhat more often. */
const keepAliveEvery = Duration.seconds(10)

// The encoder leaves out the name "message", which is right for an EventSource. Here a named message is a line for
// people and an unnamed event is a job, so the name is written.
const write = ({ data, event, id }: OutgoingEvent): string => {
  const text = Sse.encoder.write({ _tag: "Event", id, event: event ?? "message", data })
  return event === "message" ? `event: message\n${text}` : text
}

/** Asks a worker to stop. `which` tells of what, where that is not clear from the stream. */
export const cancelEvent = (
  { grace, reason }: { readonly grace: Duration.Duration; readonly reason: string | null },
  which: Record<string, string>
): OutgoingEvent => ({
  id: undefined,
  event: "cancel",
  data: JSON.stringify({
    ...which,
    reason: reason ?? "cancelled",
    graceSeconds: Duration.toSeconds(grace)
  })
})

const encoder = new TextEncoder()

const keepAlive = { bytes: encoder.encode(": keep-alive\n\n"), onSent: undefined }

// The readers of a feed are given the same events.
const written = new WeakMap<ReadonlyArray<OutgoingEvent>, Uint8Array>()

const writeOnce = (events: ReadonlyArray<OutgoingEvent>): Uint8Array => {
  const known = written.get(events)
  if (known !== undefined) return known
  const bytes = encoder.encode(events.map(write).join(""))
  written.set(events, bytes)
  return bytes
}

const toPiece = (events: ReadonlyArray<OutgoingEvent>) => ({
  bytes: writeOnce(events),
  onSent: events.some(({ onSent }) => onSent !== undefined)
    ? () => events.forEach(({ onSent }) => onSent?.())
    : undefined
})

/**
 * Makes responses of events, which are written one by one or several together, to a caller as long as its token is in
 * force. The first comment is sent at once, so that the reader has the headers.
 */
export const make = Effect.gen(function* () {
  const shutdown = yield* Shutdown
  const tokens = yield* Tokens

  return Effect.fnUntraced(function* (
    events: Stream.Stream<OutgoingEvent | ReadonlyArray<OutgoingEvent>>,
    options?: { readonly status?: number; readonly headers?: Record<string, string> }
  ) {
    const caller = yield* CurrentCaller
    return HttpServerResponse.stream(
      Stream.make(keepAlive).pipe(
        Stream.concat(Stream.map(events, (taken) => toPiece(Arr.ensure(taken)))),
        Stream.merge(
          Stream.map(Stream.drop(Stream.tick(keepAliveEvery), 1), () => keepAlive),
          { haltStrategy: "left" }
        ),
        Stream.interruptWhen(Effect.raceFirst(shutdown.begun, tokens.disowned(caller))),
        // One at a time: the connection asks for the next when it has taken the last, and not while it is full.
        Stream.rechunk(1),
        Stream.flatMap(({ bytes, onSent }) =>
          onSent === undefined
            ? Stream.succeed(bytes)
            : Stream.concat(Stream.succeed(bytes), Stream.fromEffectDrain(Effect.sync(onSent)))
        )
      ),
      {
        status: options?.status ?? 200,
        contentType: eventStream,
        headers: { ...options?.headers, "cache-control": "no-store", "x-accel-buffering": "no" }
      }
    )
  })
})
