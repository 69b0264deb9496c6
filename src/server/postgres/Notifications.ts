/** How servers on one PostgreSQL tell one another what happened: by LISTEN and NOTIFY. */
import { randomUUID } from "node:crypto"
import { PgClient } from "@effect/sql-pg/PgClient"
import { Duration, Effect, Latch, Layer, Queue, Schema, Stream } from "effect"
import { BossEvent } from "../../domain/events/BossEvent.ts"
import { anything, type News, Peers, Rules } from "../../domain/events/Peers.ts"
import { JobId, ProjectId } from "../../domain/Identifiers.ts"
import { retryDelay } from "../../domain/retryForever.ts"
import { messageOf } from "./errors.ts"
import * as GatheredNews from "./GatheredNews.ts"
import { texts } from "./parameters.ts"

const channel = "lazyboss"

/** For how long news is gathered into one notification, because each takes a lock that the whole database shares. */
const gathering = Duration.millis(20)

/** The last news are sent when the layer closes, if that does not take longer than this. */
const longestFarewell = Duration.seconds(1)

/** What has come that the stream's reader has not yet taken. */
const bufferSize = 256

const Payload = Schema.Struct({
  from: Schema.String,
  news: Schema.Union([
    Schema.Literal(anything),
    Schema.Struct({
      jobs: Schema.Array(JobId),
      progress: Schema.Array(JobId),
      projects: Schema.Array(ProjectId),
      groups: Schema.Array(Schema.Number),
      supervision: Schema.Array(Rules),
      wantsEvents: Schema.Boolean,
      events: Schema.Array(Schema.toEncoded(BossEvent)),
      missedEvents: Schema.Boolean,
      freed: Schema.Array(Schema.String)
    })
  ])
})
const decodePayload = Schema.decodeUnknownOption(Schema.fromJsonString(Payload))

const notify = "select pg_notify($1, payload) from unnest($2::text[]) as payload"

export const layer = Layer.effect(
  Peers,
  Effect.gen(function* () {
    const sql = yield* PgClient
    const server = randomUUID()
    // PostgreSQL tells a server its own news, too. They need not be read to be known.
    const ownBeginning = `{"from":"${server}",`
    const toPayload = (news: (typeof Payload.Encoded)["news"]) =>
      `${ownBeginning}"news":${JSON.stringify(news)}}`
    const gathered = GatheredNews.make()
    const isThereNews = yield* Latch.make(false)

    const sendGathered = Effect.suspend(() => {
      const payloads = gathered.take().map(toPayload)
      return payloads.length > 0 ? Effect.asVoid(sql.unsafe(notify, [channel, texts(payloads)])) : Effect.void
    }).pipe(Effect.onInterrupt(() => Effect.sync(gathered.sayAnything)))

    const send = Effect.gen(function* () {
      yield* isThereNews.await
      isThereNews.closeUnsafe()
      yield* sendGathered
      yield* Effect.sleep(gathering)
    }).pipe(
      Effect.catch((error) => {
        gathered.sayAnything()
        isThereNews.openUnsafe()
        return Effect.andThen(
          Effect.annotateLogs(Effect.logDebug("could not tell the other servers what happened"), {
            reason: messageOf(error)
          }),
          Effect.sleep(retryDelay)
        )
      })
    )
    // A program may end as soon as it has changed something, such as a token, and the servers must hear of it.
    yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeoutOption(sendGathered, longestFarewell)))
    yield* Effect.forkScoped(Effect.forever(send))

    const hear = (payload: string): ReadonlyArray<News | typeof anything> => {
      if (payload.startsWith(ownBeginning)) return []
      const decoded = decodePayload(payload)
      // A payload that is not understood is that of another version, which has its reasons.
      return decoded._tag === "None" ? [anything] : [decoded.value.news]
    }

    const news = Stream.callback<News | typeof anything>(
      (heard) => {
        const listen = Effect.gen(function* () {
          const notifications = yield* sql.listen(channel)
          // Whoever looked around before it listened, or while it did not, may have missed something.
          yield* Queue.offer(heard, anything)
          while (true) {
            const came = yield* Queue.takeAll(notifications)
            yield* Queue.offerAll(
              heard,
              came.flatMap(({ payload }) => hear(payload))
            )
          }
        })
        return Effect.scoped(listen).pipe(
          Effect.catch((error) =>
            Effect.andThen(
              Effect.annotateLogs(Effect.logWarning("does not hear the other servers, listening again"), {
                reason: messageOf(error)
              }),
              Effect.sleep(retryDelay)
            )
          ),
          Effect.forever
        )
      },
      { bufferSize, strategy: "suspend" }
    )

    return Peers.of({
      tell: (news) =>
        Effect.sync(() => {
          gathered.add(news)
          isThereNews.openUnsafe()
        }),
      news
    })
  })
)
