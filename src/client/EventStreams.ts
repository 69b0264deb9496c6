/** Reading the server's event streams: of the feed, of a job, of a project. */
import { Data, Duration, Effect, Option, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import { type HttpClient, type HttpClientError, HttpClientResponse } from "effect/http"
import { isPassing, untilItIsBack } from "./Reconnecting.ts"

/** The most characters of an event, which may carry a whole job or project. */
const longestEvent = 64 * 1_048_576
/** The server sends something at least every 15 s. Whoever hears nothing for longer is no longer connected to it. */
const longestSilence = Duration.seconds(30)

/** The server will not tell: there is no such thing, or the caller may not know of it. */
export class NotTold extends Data.TaggedError("NotTold")<{
  /** The HTTP status. */
  readonly status: number
  readonly message: string
}> {}

const Problem = Schema.Struct({ title: Schema.String, detail: Schema.optionalKey(Schema.String) })

const refusal = (response: HttpClientResponse.HttpClientResponse) =>
  HttpClientResponse.schemaBodyJson(Problem)(response).pipe(
    Effect.option,
    Effect.map(
      (problem) =>
        new NotTold({
          status: response.status,
          message: Option.match(problem, {
            onNone: () => `the server answered ${response.status}`,
            onSome: ({ detail, title }) => detail ?? title
          })
        })
    )
  )

const eventsOf = (response: HttpClientResponse.HttpClientResponse) =>
  response.stream.pipe(
    Stream.timeout(longestSilence),
    Stream.decodeText(),
    Stream.pipeThroughChannel(
      Sse.decode<HttpClientError.HttpClientError, unknown>({ maxEventSize: longestEvent })
    ),
    // The server wants its readers to come back later, which is no failure.
    Stream.catchTag("Retry", () => Stream.empty)
  )

// None if all was told.
const open = Effect.fnUntraced(function* (http: HttpClient.HttpClient, path: string, after?: string) {
  const response = yield* http.get(path, {
    headers: { accept: "text/event-stream", ...(after !== undefined && { "last-event-id": after }) }
  })
  if (response.status === 200) return Option.some(eventsOf(response))
  return response.status === 204 ? Option.none() : yield* yield* refusal(response)
})

/**
 * Opens the stream of events at this address, from now on or after the one with the id `after`, which goes on until the
 * connection ends. Where all was told there are none.
 */
export const openEvents = (http: HttpClient.HttpClient, path: string, after?: string) =>
  Effect.map(
    open(http, path, after),
    Option.getOrElse(() => Stream.empty)
  )

export interface FollowOptions {
  /** The id of the event after which to begin; with what is true now if not given. */
  readonly from?: string | undefined
  /** Runs each time that a connection is lost. */
  readonly onBreak?: Effect.Effect<void> | undefined
}

const isTemporary = (error: NotTold | HttpClientError.HttpClientError): boolean =>
  error._tag === "NotTold" ? error.status >= 500 : isPassing(error)

/**
 * Follows what is told at `path` (a job, a project) to its end. The first connection is tried once; later ones as often as
 * it takes, each beginning after the last event that was read.
 */
export const follow = (
  http: HttpClient.HttpClient,
  path: string,
  { from, onBreak = Effect.void }: FollowOptions = {}
) => {
  let lastEventId = from
  let isFirst = true

  const connect = Effect.suspend(() => open(http, path, lastEventId))
  const connectAgain = Effect.suspend(() =>
    isFirst ? connect : Effect.retry(connect, { schedule: untilItIsBack, while: isTemporary })
  )

  // A stream that ends is asked for again, until all was told.
  const next: Stream.Stream<Sse.Event, NotTold | HttpClientError.HttpClientError> = Stream.unwrap(
    Effect.map(connectAgain, (opened) => {
      if (Option.isNone(opened)) return Stream.empty
      isFirst = false
      const events = opened.value.pipe(
        Stream.tap(({ id }) =>
          Effect.sync(() => {
            lastEventId = id ?? lastEventId
          })
        ),
        Stream.catch(() => Stream.drain(Stream.fromEffect(onBreak)))
      )
      return Stream.concat(
        events,
        Stream.suspend(() => next)
      )
    })
  )
  return next
}
