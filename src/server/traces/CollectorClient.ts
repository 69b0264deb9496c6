/** The way to the collector of traces, which must neither disturb the server nor fill its memory when it is away or slow. */
import { Duration, Effect, Layer, Schedule } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"

/** A batch that is not taken in this time is tried again. */
const patience = Duration.seconds(5)
const retries = { times: 2, schedule: Schedule.spaced("500 millis") }

/** At most this many batches are on their way at a time. Any more are dropped. */
const mostUnderWay = 4

/**
 * A failure that the exporter sees makes it rest for a minute and forget what it has. It would itself go on trying while
 * more and more is waiting, so that it is told nothing but the end of the matter: as a defect, which it does not retry.
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (client) => {
    let underWay = 0
    const send = <A, E, R>(sending: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
      Effect.suspend(() => {
        if (underWay >= mostUnderWay) return Effect.die(new Error("the collector does not keep up"))
        underWay += 1
        return sending.pipe(
          Effect.timeout(patience),
          Effect.retry(retries),
          Effect.orDie,
          Effect.ensuring(Effect.sync(() => (underWay -= 1)))
        )
      }).pipe(
        Effect.tapCause((cause) => Effect.logWarning("traces given up, none for the next minute", cause))
      )
    return HttpClient.transform(HttpClient.filterStatusOk(client), (response) =>
      send(Effect.tap(response, ({ arrayBuffer }) => arrayBuffer))
    )
  })
).pipe(Layer.provide(FetchHttpClient.layer))
