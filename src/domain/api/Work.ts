/** What workers use: asking for a job, telling how it goes, handing in how it ended. */
import { Duration, flow, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { DurationText, durationUpTo, PositiveDurationText } from "../Duration.ts"
import {
  AttemptNotFound,
  AttemptOver,
  JobNotFound,
  OutcomeConflict,
  ProgressAhead,
  WrongWorker
} from "../Errors.ts"
import { AttemptId, JobId, TypePattern } from "../Identifiers.ts"
import { isShortAsJson, JsonValue } from "../Json.ts"
import { Assignment } from "../jobs/Assignment.ts"
import { Acceptance } from "../matching/Acceptance.ts"
import { longestDemands, SentSkills } from "../matching/Constraint.ts"
import { Timestamp } from "../Timestamp.ts"
import { answerHeaders } from "./answerHeaders.ts"
import { eventStream, json, largestBatch, Produces } from "./Conventions.ts"
import { Authentication, NeededRoles, WorkerAuthentication } from "./Authentication.ts"
import { withOptionalBody } from "./operations.ts"

/** What a worker wants and can do. Without it: any job without constraints. */
export const ClaimRequest = Schema.Struct({
  // An empty list is more likely a mistake than a wish for everything.
  types: Schema.optionalKey(
    Schema.Array(TypePattern).check(
      Schema.isBetweenLength(1, 1_000, { message: "must name 1 to 1000 types" })
    )
  ),
  skills: Schema.optionalKey(SentSkills),
  max: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween({ minimum: 1, maximum: largestBatch }, { message: "must be 1 to 1000" })
    )
  ),
  lease: Schema.optionalKey(PositiveDurationText),
  accepts: Schema.optionalKey(
    Schema.Array(Acceptance).check(Schema.isMaxLength(64), isShortAsJson(longestDemands))
  )
}).annotate({ identifier: "ClaimRequest" })

/**
 * The parts of an error that lazyboss understands; null says nothing. Anything else, and any other JSON, is kept as it is.
 */
export const ErrorReport = Schema.Struct({
  retryable: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  retryIn: Schema.optionalKey(Schema.NullOr(DurationText))
})

export const Heartbeat = Schema.Struct({
  leaseExpiresAt: Timestamp,
  cancelRequested: Schema.Boolean
}).annotate({
  identifier: "Heartbeat"
})

/** One outcome among many. */
const OutcomeReport = Schema.Struct({
  job: JobId,
  attempt: AttemptId,
  result: Schema.optionalKey(JsonValue),
  error: Schema.optionalKey(JsonValue)
}).check(
  Schema.makeFilter(
    ({ error, result }) => (error === undefined) !== (result === undefined) || "give one of result and error"
  )
)

export const OutcomeReports = Schema.Array(OutcomeReport).check(
  Schema.isBetweenLength(1, largestBatch, { message: `must hold 1 to ${largestBatch} outcomes` })
)

/** What became of one outcome: the status that it would have had alone, and the problem if there was one. */
export const OutcomeReceipt = Schema.Struct({ status: Schema.Int, problem: Schema.optionalKey(JsonValue) })

const params = { id: JobId, attempt: AttemptId }
const holdingErrors = [JobNotFound, AttemptNotFound, WrongWorker, AttemptOver] as const
const EventText = Schema.String.pipe(HttpApiSchema.asText({ contentType: eventStream }))

/** An outcome is recorded with 201; the same again is answered with 200. */
const receipt = [HttpApiSchema.Created, HttpApiSchema.Empty(200)] as const

const reportError = (name: "error" | "failure") =>
  HttpApiEndpoint.put(name, `/jobs/:id/attempts/:attempt/${name}`, {
    params,
    payload: JsonValue,
    success: receipt,
    error: [...holdingErrors, OutcomeConflict]
  }).annotateMerge(
    OpenApi.annotations({
      summary: name === "error" ? "Hand in an error" : "Hand in an error, as lazyboss 0.0.2 spelled it",
      description:
        "Any JSON. Understood: `retryable: false` ends the job, `retryIn` (a duration) overrides the backoff. " +
        "201, or 200 if the same was handed in before."
    })
  )

export class WorkApi extends HttpApiGroup.make("work")
  .add(
    HttpApiEndpoint.post("claim", "/jobs/attempt", {
      query: { wait: Schema.optionalKey(durationUpTo(Duration.seconds(60))) },
      payload: [ClaimRequest, HttpApiSchema.NoContent],
      success: [
        Schema.Union([Assignment, Schema.Array(Assignment)]).pipe(HttpApiSchema.status(201)),
        EventText,
        HttpApiSchema.NoContent
      ]
    })
      .annotate(Produces, [json, eventStream])
      .annotateMerge(
        OpenApi.annotations({
          transform: flow(answerHeaders({ 201: ["Location"] }), withOptionalBody),
          summary: "Ask for a job",
          description:
            "Held open until a job is assigned (201) or `wait` is over (204), for one job with its Location. With `max` the answer is an array. As " +
            "text/event-stream the connection stays open and every assignment is an `attempt` event, never more than " +
            "`max` unfinished at a time; closing it is draining."
        })
      ),
    HttpApiEndpoint.put("result", "/jobs/:id/attempts/:attempt/result", {
      params,
      payload: JsonValue,
      success: receipt,
      error: [...holdingErrors, OutcomeConflict]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Hand in a result",
        description: "Any JSON. 201, or 200 if the same was handed in before."
      })
    ),
    reportError("error"),
    reportError("failure"),
    HttpApiEndpoint.put("release", "/jobs/:id/attempts/:attempt/release", {
      params,
      success: receipt,
      error: [...holdingErrors, OutcomeConflict]
    }).annotateMerge(OpenApi.annotations({ summary: "Hand the job back, charged to nobody" })),
    HttpApiEndpoint.put("heartbeat", "/jobs/:id/attempts/:attempt/heartbeat", {
      params,
      success: Heartbeat,
      error: holdingErrors
    }).annotateMerge(OpenApi.annotations({ summary: "Renew the lease" })),
    HttpApiEndpoint.put("progress", "/jobs/:id/attempts/:attempt/progress", {
      params,
      headers: { "last-event-id": Schema.optional(Schema.String) },
      payload: EventText,
      success: EventText.pipe(HttpApiSchema.status(202)),
      error: [...holdingErrors, ProgressAhead]
    })
      .annotate(Produces, [eventStream])
      .annotateMerge(
        OpenApi.annotations({
          transform: answerHeaders({ 202: ["Last-Event-Id"] }),
          summary: "Tell how it goes",
          description:
            "The request body is an event stream from the worker, the response body one from the boss, both at the same " +
            "time. Events are numbered 1, 2, 3, … by `id`; `seen` acknowledges everything up to its id, `rewind` asks " +
            "to begin again after its number."
        })
      ),
    HttpApiEndpoint.post("outcomes", "/outcomes", {
      payload: OutcomeReports,
      success: Schema.Array(OutcomeReceipt)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Hand in the outcomes of up to 1,000 attempts",
        description:
          "Each is answered with the status that it would have had alone, in the same order. What is reported of one attempt " +
          "takes effect in the order given. A problem tells how its job is the first time that the job comes up, as long as " +
          "the answer does not grow too large."
      })
    )
  )
  .middleware(WorkerAuthentication)
  .middleware(Authentication)
  .annotate(NeededRoles, ["worker"])
  .annotateMerge(
    OpenApi.annotations({ title: "Work", description: "Asking for jobs and reporting on them." })
  ) {}
