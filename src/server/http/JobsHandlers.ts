/** Translates between HTTP and the boss for the group `jobs`. */
import { Duration, Effect, Option, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { eventStream, json, plainText } from "../../domain/api/Conventions.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { type JobPage, NewJobs } from "../../domain/api/Jobs.ts"
import { Amendment } from "../../domain/jobs/Amendment.ts"
import { toAttempt } from "../../domain/attempts/Attempt.ts"
import { Authenticator } from "../../domain/access/Authenticator.ts"
import { Boss } from "../../domain/Boss.ts"
import { RangeNotSatisfiable } from "../../domain/Errors.ts"
import { type FollowEvent, formatPosition, parsePosition } from "../../domain/jobs/Following.ts"
import type { JobId } from "../../domain/Identifiers.ts"
import { type JobJson, NewJob } from "../../domain/jobs/Job.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import { parseRange } from "./ByteRange.ts"
import { withAllServices } from "./RequestServices.ts"
import { Shutdown } from "./Shutdown.ts"
import { negotiate } from "./ConventionsMiddleware.ts"
import * as EventStreams from "./EventStreams.ts"
import { idempotencyOf } from "./idempotencyOf.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { pageSize, toPage } from "./Pages.ts"
import { fromIssues, respond } from "./Problems.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"

const decodeJob = decode(NewJob)
const decodeJobs = decode(NewJobs)
const decodeAmendment = decode(Amendment)
const oneJob = jsonResponse<JobJson>
const manyJobs = jsonResponse<ReadonlyArray<JobJson>>
const onePage = jsonResponse<typeof JobPage.Encoded>

const noSuchProject = (places: ReadonlyArray<number>, isBatch: boolean) =>
  fromIssues(
    places.map((place) => ({
      path: isBatch ? `${place}.project` : "project",
      message: "no project has this id"
    }))
  )

const toEvent = (told: FollowEvent): EventStreams.OutgoingEvent => {
  const id = formatPosition(told.position)
  return told._tag === "State"
    ? { id, event: null, data: JSON.stringify(told.job) }
    : { id, event: told.event.event, data: told.event.data }
}

export const JobsHandlers = HttpApiBuilder.group(
  Api,
  "jobs",
  Effect.fnUntraced(function* (handlers) {
    const boss = yield* Boss
    const bodies = yield* RequestBodies
    const events = yield* EventStreams.make
    const { whileOpen } = yield* Measures
    const shutdown = yield* Shutdown
    const authenticator = yield* Authenticator

    // Whoever waits when the server stops is answered with the job as it is then.
    const find = Effect.fnUntraced(function* (id: JobId, wait: Duration.Duration) {
      if (Duration.isZero(wait)) return yield* boss.find(id, wait)
      const caller = yield* CurrentCaller
      return yield* Effect.raceAllFirst([
        boss.find(id, wait),
        Effect.andThen(shutdown.begun, boss.find(id, Duration.zero)),
        authenticator.refuseOnceDisowned(caller)
      ])
    })

    return handlers
      .handleRaw("create", ({ headers, request }) =>
        Effect.gen(function* () {
          const value = yield* bodies.readBatch(request)
          const isBatch = Array.isArray(value)
          const newJobs = isBatch ? yield* decodeJobs(value) : [yield* decodeJob(value)]
          const caller = yield* CurrentCaller
          const { isRepeated, jobs } = yield* boss
            .submit(newJobs, caller, idempotencyOf(headers, value))
            .pipe(
              Effect.catchTag("UnknownProject", ({ places }) => Effect.fail(noSuchProject(places, isBatch)))
            )
          const status = isRepeated ? 200 : 202
          const shown = jobs.map(boss.show)
          const [first] = shown
          return isBatch || first === undefined
            ? manyJobs(shown, status)
            : oneJob(first, status, { location: `/jobs/${first.id}` })
        })
      )
      .handle("list", ({ query }) =>
        Effect.gen(function* () {
          const { cursor, limit = pageSize, ...filter } = query
          const page = yield* boss.list({ ...filter, before: cursor, limit })
          return onePage(
            toPage(page, ({ id }) => id),
            200
          )
        })
      )
      .handle("get", ({ headers, params, query, request }) =>
        Effect.gen(function* () {
          if (negotiate(request, [json, eventStream]) !== eventStream) {
            return oneJob(yield* find(params.id, query.wait ?? Duration.zero), 200)
          }
          const from = Option.flatMap(Option.fromUndefinedOr(headers["last-event-id"]), parsePosition)
          const told = yield* boss.follow(params.id, from)
          return Option.isSome(told)
            ? yield* events(whileOpen("followers")(Stream.map(told.value, toEvent)))
            : HttpServerResponse.empty({ status: 204 })
        })
      )
      .handle("attempts", ({ params }) =>
        Effect.map(boss.attempts(params.id), (records) => records.map(toAttempt))
      )
      .handle("explain", ({ params }) => boss.explain(params.id))
      .handle("attempt", ({ params }) =>
        Effect.flatMap(CurrentCaller, (caller) =>
          Effect.map(boss.attempt(params.id, params.attempt, caller), toAttempt)
        )
      )
      .handle("log", ({ headers, params }) =>
        Effect.gen(function* () {
          // A log has no validator, so that none can match (RFC 9110, section 13.1.5).
          const range = headers["if-range"] === undefined ? parseRange(headers.range) : undefined
          const { bytes, size, start } = yield* boss.readLog(params.id, range?.start ?? 0, range?.end ?? null)
          if (range !== undefined && bytes.length === 0) {
            return yield* Effect.map(
              respond(new RangeNotSatisfiable({ detail: `the log has ${size} bytes` })),
              HttpServerResponse.setHeader("content-range", `bytes */${size}`)
            )
          }
          return HttpServerResponse.uint8Array(bytes, {
            status: range === undefined ? 200 : 206,
            contentType: `${plainText}; charset=utf-8`,
            headers: {
              "accept-ranges": "bytes",
              "cache-control": "no-cache",
              ...(range !== undefined && {
                "content-range": `bytes ${start}-${start + bytes.length - 1}/${size}`
              })
            }
          })
        })
      )
      .handleRaw("amend", ({ params, request }) =>
        Effect.gen(function* () {
          const amendment = yield* decodeAmendment(yield* bodies.readJson(request))
          return oneJob(yield* boss.amend(params.id, yield* CurrentCaller, amendment), 200)
        })
      )
      .handle("cancel", ({ params, query }) =>
        Effect.gen(function* () {
          return oneJob(yield* boss.cancel(params.id, yield* CurrentCaller, query.reason ?? null), 202)
        })
      )
      .handle("retry", ({ params, request }) =>
        Effect.gen(function* () {
          yield* bodies.readNothing(request)
          return oneJob(yield* boss.retry(params.id, yield* CurrentCaller), 202)
        })
      )
  }, withAllServices)
)
