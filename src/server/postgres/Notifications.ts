/** How servers on one PostgreSQL tell one another what happened: by LISTEN and NOTIFY. */
import { randomUUID } from "node:crypto"
import { PgClient } from "@effect/sql-pg/PgClient"
import { Array as Arr, Duration, Effect, Latch, Layer, Queue, Schema, Stream } from "effect"
import { anything, type News, Peers } from "../../domain/EventHub.ts"
import { JobId } from "../../domain/Identifiers.ts"
import { messageOf } from "./errors.ts"
import { texts } from "./parameters.ts"

const channel = "lazyboss"

/** News of so long a time goes together: each notification takes a lock that all of the database's share. */
const gathering = Duration.millis(20)
/** The rest after the database did not take or give news. */
const restAfterFailure = Duration.millis(500)

/** Whoever has more to tell than this says only that there is something. */
const most = { jobs: 2_000, groups: 1_000 }
/** A payload must have less than 8,000 bytes: so many ids of 39 and of at most 17 bytes have. */
const mostInPayload = { jobs: 75, progress: 75, groups: 100 }

/** What has come that the stream's reader has not yet taken. */
const bufferSize = 256

const Payload = Schema.fromJsonString(
  Schema.Struct({
    from: Schema.String,
    news: Schema.Union([
      Schema.Literal(anything),
      Schema.Struct({
        jobs: Schema.Array(JobId),
        progress: Schema.Array(JobId),
        groups: Schema.Array(Schema.Number),
        supervision: Schema.Boolean
      })
    ])
  })
)
const encodePayload = Schema.encodeSync(Payload)
const decodePayload = Schema.decodeUnknownOption(Payload)

const chunksOf = <A>(items: Iterable<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(Arr.fromIterable(items), size)

/** News that is gathered until it is sent. */
const makeGathered = () => {
  let jobs = new Set<JobId>()
  let progress = new Set<JobId>()
  let groups = new Set<number>()
  let supervision = false
  let isAnything = false
  const sayAnything = () => {
    jobs = new Set()
    progress = new Set()
    groups = new Set()
    isAnything = true
  }
  return {
    sayAnything,
    add: (news: News) => {
      if (isAnything) return
      for (const job of news.jobs) jobs.add(job)
      for (const job of news.progress) progress.add(job)
      for (const group of news.groups) groups.add(group)
      if (news.supervision) supervision = true
      if (jobs.size + progress.size > most.jobs || groups.size > most.groups) sayAnything()
    },
    /** The payloads that tell it, and nothing is left. */
    take: (from: string): ReadonlyArray<string> => {
      if (isAnything) {
        isAnything = false
        return [encodePayload({ from, news: anything })]
      }
      const jobChunks = chunksOf(jobs, mostInPayload.jobs)
      const progressChunks = chunksOf(progress, mostInPayload.progress)
      const groupChunks = chunksOf(groups, mostInPayload.groups)
      jobs = new Set()
      progress = new Set()
      groups = new Set()
      const isSupervision = supervision
      supervision = false
      const length = Math.max(
        jobChunks.length,
        progressChunks.length,
        groupChunks.length,
        isSupervision ? 1 : 0
      )
      return Array.from({ length }, (_, index) =>
        encodePayload({
          from,
          news: {
            jobs: jobChunks[index] ?? [],
            progress: progressChunks[index] ?? [],
            groups: groupChunks[index] ?? [],
            supervision: isSupervision
          }
        })
      )
    }
  }
}

const notify = "select pg_notify($1, payload) from unnest($2::text[]) as payload"

export const layer = Layer.effect(
  Peers,
  Effect.gen(function* () {
    const sql = yield* PgClient
    const server = randomUUID()
    const gathered = makeGathered()
    const isThereNews = yield* Latch.make(false)

    const send = Effect.gen(function* () {
      yield* isThereNews.await
      isThereNews.closeUnsafe()
      const payloads = gathered.take(server)
      if (payloads.length > 0) yield* sql.unsafe(notify, [channel, texts(payloads)])
      yield* Effect.sleep(gathering)
    }).pipe(
      Effect.catch((error) => {
        gathered.sayAnything()
        isThereNews.openUnsafe()
        return Effect.andThen(
          Effect.logDebug(`could not tell the other servers what happened: ${messageOf(error)}`),
          Effect.sleep(restAfterFailure)
        )
      })
    )
    yield* Effect.forkScoped(Effect.forever(send))

    const hear = (payload: string): ReadonlyArray<News | typeof anything> => {
      const decoded = decodePayload(payload)
      // A payload that is not understood is that of another version, which has its reasons.
      if (decoded._tag === "None") return [anything]
      return decoded.value.from === server ? [] : [decoded.value.news]
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
              Effect.logWarning(`does not hear the other servers, listening again: ${messageOf(error)}`),
              Effect.sleep(restAfterFailure)
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
