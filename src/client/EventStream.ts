/** Reading the server's event streams: of the feed, of a job, of a project. */
import { Duration, Effect, Stream } from "effect"
import { Sse } from "effect/encoding"
import { HttpClient, HttpClientResponse } from "effect/http"

/** The server sends something at least every 15 s. Whoever hears nothing for longer is no longer connected to it. */
const longestSilence = Duration.seconds(30)

/**
 * The events at this address, from now on or after the one with the id `after`, until the server ends the stream. An answer
 * without a body is a stream without events.
 */
export const readEvents = (client: HttpClient.HttpClient, path: string, after?: string) =>
  client
    .get(path, {
      headers: { accept: "text/event-stream", ...(after !== undefined && { "last-event-id": after }) }
    })
    .pipe(
      Effect.flatMap(HttpClientResponse.filterStatusOk),
      Effect.map((response) =>
        response.stream.pipe(
          Stream.timeout(longestSilence),
          Stream.decodeText(),
          Stream.pipeThroughChannel(Sse.decode()),
          // The server wants its readers to come back later, which is no failure.
          Stream.catchTag("Retry", () => Stream.empty)
        )
      ),
      Stream.unwrap
    )
