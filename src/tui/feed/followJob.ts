/** Follows the job that is looked at: its state and its log as a stream, and its attempts whenever something happens to it. */
import { Clock, type Duration, Effect, FiberHandle, Option, Schema, Stream } from "effect"
import type { Sse } from "effect/encoding"
import type { HttpClient } from "effect/http"
import { readEvents } from "../../client/EventStream.ts"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { formatPosition } from "../../domain/Following.ts"
import { JobId } from "../../domain/Identifiers.ts"
import { Job } from "../../domain/Job.ts"
import type { JobNews } from "../state/Action.ts"
import { keyOfWish, type Wish } from "../state/State.ts"
import type { Store } from "../state/Store.ts"
import { describeProblem } from "./problems.ts"

const readJob = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toCodecJson(Job)))

const newsOf = ({ data, event }: Sse.Event): ReadonlyArray<JobNews> => {
  switch (event) {
    case "log_chunk":
      return [{ kind: "log", text: data }]
    case "percent":
      return [{ kind: "percent", percent: Number(data) }]
    case "message":
      // Without a name it is the job, and with it a line for people: the parser calls both by it.
      return Option.match(readJob(data), {
        onNone: (): ReadonlyArray<JobNews> => [{ kind: "message", message: data }],
        onSome: (job) => [{ kind: "job", job }]
      })
    default:
      return []
  }
}

/** Follows the job until interrupted. `again` waits until it is to be looked at anew. */
export const followJob = (
  http: HttpClient.HttpClient,
  store: Store,
  wish: Extract<Wish, { readonly kind: "job" }>,
  again: (took: Duration.Duration) => Effect.Effect<unknown>
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const client = yield* LazybossClient
      const key = keyOfWish(wish)
      const params = { id: JobId.make(wish.id) }
      // From the very beginning: all of the log is wanted, and not only what is logged from now on.
      let lastId = formatPosition({ version: 0, event: 0 })

      const tell = (news: ReadonlyArray<JobNews>) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (news.length > 0) store.dispatch({ kind: "jobNews", key, news, now })
        })

      const failed = (error: { readonly _tag: string; readonly message: string }) =>
        Effect.sync(() => store.dispatch({ kind: "pageFailed", key, problem: describeProblem(error) }))

      // It ends with the job, and goes on where it was if the job is retried.
      const stream = Effect.suspend(() =>
        Stream.runForEachArray(readEvents(http, `/jobs/${wish.id}`, lastId), (events) => {
          lastId = events.findLast(({ id }) => id !== undefined)?.id ?? lastId
          return tell(events.flatMap(newsOf))
        })
      ).pipe(Effect.catch(failed))

      const readAttempts = Effect.gen(function* () {
        const attempts = yield* client.jobs.attempts({ params })
        // What cannot be explained is shown without an explanation.
        const explanation = yield* Effect.orElseSucceed(client.jobs.explain({ params }), () => null)
        yield* tell([{ kind: "attempts", attempts, explanation }])
      }).pipe(Effect.catch(failed))

      const streaming = yield* FiberHandle.make()
      return yield* FiberHandle.run(streaming, stream, { onlyIfMissing: true }).pipe(
        Effect.andThen(Effect.timed(readAttempts)),
        Effect.flatMap(([took]) => again(took)),
        Effect.forever
      )
    })
  )
