/** Reads event streams of the server as they come, and goes on where it was when the connection breaks. */
import { Data, Effect, Option, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientError,
  HttpClientRequest,
  HttpClientResponse
} from "effect/http"
import { type ClientOptions, identify } from "./LazybossClient.ts"
import { isPassing, untilItIsBack } from "./Reconnecting.ts"

/** An event that carries a whole job or project has at most so many characters. */
const longestEvent = 64 * 1_048_576

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

// There is no time to wait for that the server names.
const read = (response: HttpClientResponse.HttpClientResponse) =>
  response.stream.pipe(
    Stream.decodeText(),
    Stream.pipeThroughChannel(
      Sse.decode<HttpClientError.HttpClientError, unknown>({ maxEventSize: longestEvent })
    ),
    Stream.catch((error) => (error._tag === "Retry" ? Stream.empty : Stream.fail(error)))
  )

export interface FollowOptions {
  /** The id of the event after which to begin; with what is true now if not given. */
  readonly from?: string | undefined
  /** Runs each time that a connection is lost. */
  readonly onBreak?: Effect.Effect<void> | undefined
}

/**
 * Follows what is told at `path` (a job, a project) to its end. The first connection is tried once; later ones as often as
 * it takes, each beginning after the last event that was read.
 */
export const follow = (
  server: ClientOptions,
  path: string,
  { from, onBreak = Effect.void }: FollowOptions = {}
) => {
  let lastEventId = from
  let isFirst = true

  const connect = Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.get(path).pipe(
      HttpClientRequest.prependUrl(server.url),
      identify(server),
      HttpClientRequest.accept("text/event-stream"),
      lastEventId === undefined ? (same) => same : HttpClientRequest.setHeader("last-event-id", lastEventId)
    )
    const response = yield* client.execute(request)
    if (response.status === 200 || response.status === 204) return response
    return yield* yield* refusal(response)
  })

  const isTemporary = (error: NotTold | HttpClientError.HttpClientError): boolean =>
    error._tag === "NotTold" ? error.status >= 500 : isPassing(error)

  const connectAgain = Effect.suspend(() =>
    isFirst ? connect : Effect.retry(connect, { schedule: untilItIsBack, while: isTemporary })
  )

  // A stream that ends is asked for again: the answer is 204 when all was told.
  const next: Stream.Stream<Sse.Event, NotTold | HttpClientError.HttpClientError> = Stream.unwrap(
    Effect.map(connectAgain, (response) => {
      if (response.status === 204) return Stream.empty
      isFirst = false
      const events = read(response).pipe(
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
  ).pipe(Stream.provide(FetchHttpClient.layer))
  return next
}
