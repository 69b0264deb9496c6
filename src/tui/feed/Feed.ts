/** What the server tells by itself: a snapshot of the stats once, and everything that happens from then on. */
import { Clock, Data, Duration, Effect, Random, Schema, Stream } from "effect"
import type { Sse } from "effect/encoding"
import type { HttpClient } from "effect/http"
import { openEvents } from "../../client/EventStreams.ts"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { eventNames } from "../../domain/events/BossEvent.ts"
import { StatsSnapshot } from "../../domain/stats/StatsSnapshot.ts"
import type { Store } from "../state/Store.ts"
import { ToldEvent } from "../state/ToldEvent.ts"
import { describeProblem } from "./problems.ts"

/** The pause before the first try to connect again, and the longest one. */
const shortestPause = 250
const longestPause = 5_000

class FeedEnded extends Data.TaggedError("FeedEnded") {
  override readonly message = "the server has ended the stream"
}

const readStats = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toCodecJson(StatsSnapshot)))
// A newer server may tell of more than is known here: that is left out.
const known = new Set(eventNames)

/** Feeds the store until interrupted, and connects again whenever the connection is lost. */
export const feed = Effect.fnUntraced(function* (http: HttpClient.HttpClient, store: Store) {
  const client = yield* LazybossClient
  let lastId: string | undefined
  let failures = 0

  const takeStats = Effect.gen(function* () {
    const stats = yield* client.stats.stats()
    store.dispatch({ kind: "stats", stats, now: yield* Clock.currentTimeMillis })
  })

  const hear = Effect.fnUntraced(function* (heard: ReadonlyArray<Sse.Event>) {
    const now = yield* Clock.currentTimeMillis
    const events: Array<ToldEvent> = []
    let isReset = false
    failures = 0
    for (const { data, event, id } of heard) {
      lastId = id ?? lastId
      if (event === "stats") {
        const stats = readStats(data)
        if (stats._tag === "Some") store.dispatch({ kind: "stats", stats: stats.value, now })
      } else if (event === "reset") {
        isReset = true
      } else if (known.has(event)) {
        events.push(new ToldEvent(event, data))
      }
    }
    if (events.length > 0) store.dispatch({ kind: "events", events, now })
    if (!isReset) return
    store.dispatch({ kind: "reset", now })
    yield* takeStats
  })

  const connect = Effect.gen(function* () {
    const events = yield* openEvents(http, "/events", lastId)
    // Not before the events are heard: what happens in between would be missed.
    if (lastId === undefined) yield* takeStats
    yield* Stream.runForEachArray(events, hear)
    return yield* new FeedEnded()
  })

  return yield* connect.pipe(
    Effect.catch((error) =>
      Effect.gen(function* () {
        const pause =
          Math.min(longestPause, shortestPause * 2 ** failures) * (0.75 + (yield* Random.next) / 2)
        failures += 1
        const nextTryAt = (yield* Clock.currentTimeMillis) + pause
        store.dispatch({ kind: "lost", problem: describeProblem(error), nextTryAt })
        yield* Effect.sleep(Duration.millis(pause))
      })
    ),
    Effect.forever
  )
})
