/** Follows the job that is looked at: its state and its log as a stream, and its attempts whenever something happens to it. */
import { Clock, type Duration, Effect, FiberHandle, Stream } from "effect"
import type { Sse } from "effect/encoding"
import type { HttpClient } from "effect/http"
import { openEvents } from "../../client/EventStreams.ts"
import { beforeAnything, jobIn } from "../../client/jobEvents.ts"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { JobId } from "../../domain/Identifiers.ts"
import type { JobNews } from "../state/Action.ts"
import { keyOfWish, type Wish } from "../state/State.ts"
import type { Store } from "../state/Store.ts"
import { describeProblem } from "./problems.ts"

const newsOf = (id: string, told: Sse.Event): ReadonlyArray<JobNews> => {
  const { data, event } = told
  const job = jobIn(id, told)
  if (job !== null) return [{ kind: "job", job }]
  switch (event) {
    case "log_chunk":
      return [{ kind: "log", text: data }]
    case "percent":
      return [{ kind: "percent", percent: Number(data) }]
    case "message":
      return [{ kind: "message", message: data }]
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
      let lastId = beforeAnything

      const tell = (news: ReadonlyArray<JobNews>) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (news.length > 0) store.dispatch({ kind: "jobNews", key, news, now })
        })

      const failed = (error: { readonly _tag: string; readonly message: string }) =>
        Effect.sync(() => store.dispatch({ kind: "pageFailed", key, problem: describeProblem(error) }))

      // It ends with the job, and goes on where it was if the job is retried.
      const stream = Effect.suspend(() =>
        Stream.runForEachArray(Stream.unwrap(openEvents(http, `/jobs/${wish.id}`, lastId)), (events) => {
          lastId = events.findLast(({ id }) => id !== undefined)?.id ?? lastId
          return tell(events.flatMap((told) => newsOf(wish.id, told)))
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
