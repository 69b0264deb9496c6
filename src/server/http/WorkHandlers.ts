/** Translates between HTTP and the boss for the group `work`. */
import { Array as Arr, Duration, Effect, Option, Schema, Stream } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { eventStream, json } from "../../domain/api/Conventions.ts"
import { CurrentCaller, CurrentWorker } from "../../domain/api/Authentication.ts"
import { ClaimRequest, ErrorReport, type OutcomeReceipt, OutcomeReports } from "../../domain/api/Work.ts"
import { Boss } from "../../domain/Boss.ts"
import type { ClaimSignal } from "../../domain/dispatching/Claiming.ts"
import type { Vacancy } from "../../domain/dispatching/Vacancies.ts"
import type { InvalidRequest } from "../../domain/Errors.ts"
import type { AttemptId, JobId } from "../../domain/Identifiers.ts"
import { type AssignmentJson, toAssignment } from "../../domain/jobs/Assignment.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import { Authenticator } from "../../domain/access/Authenticator.ts"
import type { JsonValue } from "../../domain/Json.ts"
import type { WorkerReport } from "../../domain/attempts/Reporting.ts"
import { negotiate } from "./ConventionsMiddleware.ts"
import { ifUndelivered } from "./Delivery.ts"
import * as EventStreams from "./EventStreams.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { answerProgress } from "./ProgressHandler.ts"
import { fromSchemaError, invalidAt } from "./Problems.ts"
import { statusOf, toReceipts } from "./OutcomeReceipts.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

/** How long a claim is held open when the worker does not say. */
const defaultWait = Duration.seconds(20)

const decodeClaim = decode(ClaimRequest)
const decodeOutcomes = decode(OutcomeReports)
const decodeJsonValue = decode(Schema.Json)
const decodeErrorReport = Schema.decodeUnknownEffect(ErrorReport, { errors: "all" })
const oneAssignment = jsonResponse<AssignmentJson>
const manyAssignments = jsonResponse<ReadonlyArray<AssignmentJson>>
const receipts = jsonResponse<ReadonlyArray<typeof OutcomeReceipt.Encoded>>
// A length, for without one an answer of nothing comes in chunks.
const receipt = (isRepeated: boolean) =>
  HttpServerResponse.empty({ status: statusOf(isRepeated), headers: { "content-length": "0" } })

// An error can be any JSON; of an object, lazyboss understands two fields.
const toFailure = Effect.fnUntraced(function* (
  error: JsonValue
): Effect.fn.Return<WorkerReport, InvalidRequest> {
  const isObject = typeof error === "object" && error !== null && !Array.isArray(error)
  const { retryable, retryIn } = isObject
    ? yield* Effect.mapError(decodeErrorReport(error), fromSchemaError)
    : {}
  return { _tag: "Failed", error, retryable: retryable ?? true, retryIn: retryIn ?? null }
})

const toEvent = (signal: ClaimSignal): EventStreams.OutgoingEvent => {
  const { attempt, job } = signal.claimed
  return signal._tag === "Assigned"
    ? {
        id: attempt.id,
        event: "attempt",
        data: JSON.stringify(toAssignment(job, attempt)),
        onSent: signal.onSent
      }
    : EventStreams.cancelEvent(signal, { job: job.id, attempt: attempt.id })
}

export const WorkHandlers = HttpApiBuilder.group(
  Api,
  "work",
  Effect.fnUntraced(function* (handlers) {
    const boss = yield* Boss
    const bodies = yield* RequestBodies
    const events = yield* EventStreams.make
    const { whileOpen } = yield* Measures
    const authenticator = yield* Authenticator
    const progress = yield* answerProgress

    const holding = (params: { readonly id: JobId; readonly attempt: AttemptId }) =>
      Effect.map(CurrentWorker, (worker) => ({ job: params.id, attempt: params.attempt, worker }))

    const finish = Effect.fnUntraced(function* (
      params: { readonly id: JobId; readonly attempt: AttemptId },
      report: WorkerReport
    ) {
      return receipt(yield* boss.finish(yield* holding(params), report))
    })

    const fail = Effect.fnUntraced(function* ({
      params,
      request
    }: {
      readonly params: { readonly id: JobId; readonly attempt: AttemptId }
      readonly request: HttpServerRequest.HttpServerRequest
    }) {
      const value = yield* bodies.readJson(request)
      return yield* finish(params, yield* toFailure(yield* decodeJsonValue(value)))
    })

    return handlers
      .handleRaw("claim", ({ query, request }) =>
        Effect.gen(function* () {
          const caller = yield* CurrentCaller
          const worker = yield* CurrentWorker
          const body = yield* bodies.readOptionalJson(request)
          const wish = Option.isSome(body) ? yield* decodeClaim(body.value) : {}
          const vacancy: Vacancy = {
            worker,
            suitability: {
              types: wish.types ?? [],
              skills: wish.skills ?? {},
              accepts: wish.accepts ?? []
            },
            max: wish.max ?? 1,
            lease: wish.lease ?? null
          }
          if (negotiate(request, [json, eventStream]) === eventStream) {
            return yield* events(whileOpen("claims")(Stream.map(boss.claims(vacancy), toEvent)))
          }
          const claimed = yield* Effect.uninterruptibleMask((restore) =>
            Effect.tap(restore(boss.claim(vacancy, query.wait ?? defaultWait)), (jobs) => {
              if (jobs.length === 0) return Effect.void
              // The token may have been revoked while its worker waited.
              return authenticator.confirm(caller).pipe(
                Effect.tapError(() => boss.giveBack(jobs)),
                Effect.andThen(ifUndelivered(request, boss.giveBack(jobs)))
              )
            })
          )
          const assignments = claimed.map(({ attempt, job }) => toAssignment(job, attempt))
          const [first] = assignments
          if (first === undefined) return HttpServerResponse.empty({ status: 204 })
          return wish.max === undefined
            ? oneAssignment(first, 201, { location: `/jobs/${first.id}/attempts/${first.attempt}` })
            : manyAssignments(assignments, 201)
        })
      )
      .handleRaw("result", ({ params, request }) =>
        Effect.gen(function* () {
          const value = yield* bodies.readJson(request)
          return yield* finish(params, { _tag: "Done", result: yield* decodeJsonValue(value) })
        })
      )
      .handleRaw("error", fail)
      .handleRaw("failure", fail)
      .handle("release", ({ params, request }) =>
        Effect.andThen(bodies.readNothing(request), finish(params, { _tag: "Released" }))
      )
      .handle("heartbeat", ({ params, request }) =>
        Effect.andThen(bodies.readNothing(request), Effect.flatMap(holding(params), boss.heartbeat))
      )
      .handleRaw("progress", ({ headers, params, request }) =>
        Effect.flatMap(holding(params), (held) => progress(held, headers["last-event-id"], request))
      )
      .handleRaw("outcomes", ({ request }) =>
        Effect.gen(function* () {
          const worker = yield* CurrentWorker
          const value = yield* bodies.readBatch(request)
          const items = yield* decodeOutcomes(value)
          // All are understood before the first is recorded, so that a bad one leaves nothing half done.
          const reports = yield* Effect.forEach(items, (item, index) =>
            item.result !== undefined
              ? Effect.succeed<WorkerReport>({ _tag: "Done", result: item.result })
              : Effect.mapError(toFailure(item.error ?? null), (problem) =>
                  invalidAt(`${index}.error`, problem)
                )
          )
          const answers = yield* boss.finishAll(
            Arr.zipWith(items, reports, ({ attempt, job }, report) => ({
              holding: { job, attempt, worker },
              report
            }))
          )
          return receipts(toReceipts(answers), 200)
        })
      )
  }, withAllServices)
)
