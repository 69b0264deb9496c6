/** Creating jobs, looking at them, and deciding on them. */
import { Duration, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Amendment } from "../jobs/Amendment.ts"
import { Attempt } from "../attempts/Attempt.ts"
import { durationUpTo } from "../Duration.ts"
import {
  AttemptNotFound,
  IdempotencyConflict,
  JobDeleted,
  JobFinished,
  JobNotFound,
  JobNotRetryable,
  JobRunning,
  NotYours,
  ProjectClosed,
  RangeNotSatisfiable,
  WrongWorker
} from "../Errors.ts"
import { Explanation } from "../explaining/Explanation.ts"
import { AttemptId, IdempotencyKey, JobId, Reason } from "../Identifiers.ts"
import { Job, NewJob } from "../jobs/Job.ts"
import { JobConditions } from "../jobs/JobConditions.ts"
import { answerHeaders } from "./answerHeaders.ts"
import { eventStream, json, largestBatch, PageLimit, plainText, Produces } from "./Conventions.ts"
import { Authentication, NeededRoles } from "./Authentication.ts"

/** The body of `POST /jobs`: one job, or up to 1,000 that are stored together or not at all. */
export const NewJobs = Schema.Array(NewJob).check(
  Schema.isBetweenLength(1, largestBatch, { message: `must hold 1 to ${largestBatch} jobs` })
)

/** A page of jobs, newest first. `next` is the cursor of the next page, null on the last. */
export const JobPage = Schema.Struct({ items: Schema.Array(Job), next: Schema.NullOr(Schema.String) })

const params = { id: JobId }
const EventText = Schema.String.pipe(HttpApiSchema.asText({ contentType: eventStream }))

export class JobsApi extends HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.post("create", "/jobs", {
      headers: { "idempotency-key": Schema.optional(IdempotencyKey) },
      payload: Schema.Union([NewJob, NewJobs]),
      success: [
        Schema.Union([Job, Schema.Array(Job)]).pipe(HttpApiSchema.status(202)),
        Schema.Union([Job, Schema.Array(Job)])
      ],
      error: [IdempotencyConflict, JobDeleted, ProjectClosed, NotYours]
    }).annotateMerge(
      OpenApi.annotations({
        transform: answerHeaders({ 200: ["Location"], 202: ["Location"] }),
        summary: "Create a job, or up to 1,000",
        description:
          "Answers 202 when the jobs are on disk, and for one job with its Location. An array is stored whole or not at all. The same Idempotency-Key " +
          "with the same body answers 200 with the jobs as they are now, with another body 422; keys are kept for 24 h."
      })
    ),
    HttpApiEndpoint.get("list", "/jobs", {
      query: {
        ...JobConditions.fields,
        limit: Schema.optionalKey(PageLimit),
        cursor: Schema.optionalKey(JobId)
      },
      success: JobPage
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List jobs, newest first",
        description:
          "100 a page unless `limit` says otherwise, and fewer if they are large: only a `next` of null is the end."
      })
    ),
    HttpApiEndpoint.get("get", "/jobs/:id", {
      params,
      query: { wait: Schema.optionalKey(durationUpTo(Duration.minutes(10))) },
      headers: { "last-event-id": Schema.optional(Schema.String) },
      success: [Job, EventText, HttpApiSchema.NoContent],
      error: JobNotFound
    })
      .annotate(Produces, [json, eventStream])
      .annotateMerge(
        OpenApi.annotations({
          summary: "A job, at once, when it is finished, or as a stream",
          description:
            "`wait` holds the answer until the job is finished or the time is over. As text/event-stream: the job as " +
            "unnamed events, first as it is now and then at every change, with log_chunk, percent, message and the " +
            "worker's own events in between. Last-Event-ID resumes; 204 when all was told."
        })
      ),
    HttpApiEndpoint.get("attempts", "/jobs/:id/attempts", {
      params,
      success: Schema.Array(Attempt),
      error: JobNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Every attempt at a job",
        description:
          "In the order in which they began. `score`, from 0 to 1, is how well the worker suited the job when it was given, " +
          "`runnersUp` are up to three others who might have got it then, the best first."
      })
    ),
    HttpApiEndpoint.get("attempt", "/jobs/:id/attempts/:attempt", {
      params: { id: JobId, attempt: AttemptId },
      success: Attempt,
      error: [JobNotFound, AttemptNotFound, WrongWorker]
    })
      .annotate(NeededRoles, ["client", "worker"])
      .annotateMerge(
        OpenApi.annotations({
          summary: "One attempt at a job",
          description: "Of a worker's token: one of its own."
        })
      ),
    HttpApiEndpoint.get("explain", "/jobs/:id/explain", {
      params,
      success: Explanation,
      error: JobNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Why a job is, or is not, running",
        description:
          "In sentences and as data. Of a job that waits: the clock, pause, quarantine or limit that holds it, how many live workers " +
          "each constraint rejects and who comes nearest, and its place in line: how many pending jobs of the same type, priority, " +
          "constraints and fairness key come before it, of which at most 1,000 are counted. Of one that runs: who has it, with " +
          "the score and the runners-up; of a finished one, how it ended and why. The first reason outweighs the others. Workers " +
          "are seen as they were a second ago at the earliest, at most 1,000 of them; who waits is known of the server that is asked, and " +
          "so is what they accept of single jobs."
      })
    ),
    HttpApiEndpoint.get("log", "/jobs/:id/log", {
      params,
      headers: { range: Schema.optional(Schema.String), "if-range": Schema.optional(Schema.String) },
      success: [
        Schema.String.pipe(HttpApiSchema.asText({ contentType: plainText })),
        Schema.String.pipe(HttpApiSchema.asText({ contentType: plainText }), HttpApiSchema.status(206))
      ],
      error: [JobNotFound, RangeNotSatisfiable]
    })
      .annotate(Produces, [plainText])
      .annotateMerge(
        OpenApi.annotations({
          transform: answerHeaders({
            200: ["Accept-Ranges", "Cache-Control"],
            206: ["Accept-Ranges", "Cache-Control", "Content-Range"],
            416: ["Content-Range"]
          }),
          summary: "The log of all attempts",
          description: "With support for one Range of bytes."
        })
      ),
    HttpApiEndpoint.patch("amend", "/jobs/:id", {
      params,
      payload: Amendment,
      success: Job,
      error: [JobNotFound, NotYours, JobFinished, JobRunning]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Change a job that is not finished",
        description:
          "What is not given stays. A `runAt` that is past means now. While the job is being processed its priority, tags and " +
          "constraints can be changed for its next attempt, but not its runAt."
      })
    ),
    HttpApiEndpoint.delete("cancel", "/jobs/:id", {
      params,
      query: { reason: Schema.optionalKey(Reason) },
      success: Job.pipe(HttpApiSchema.status(202)),
      error: [JobNotFound, NotYours, JobFinished]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Cancel a job",
        description:
          "At once if it waits. If it runs, its worker is told, and after the policy's grace the attempt is fenced off. " +
          "Who asked first, and the `reason` that was given, are kept with the job."
      })
    ),
    HttpApiEndpoint.post("retry", "/jobs/:id/retry", {
      params,
      success: Job.pipe(HttpApiSchema.status(202)),
      error: [JobNotFound, NotYours, JobNotRetryable]
    }).annotateMerge(
      OpenApi.annotations({ summary: "Make a failed or cancelled job pending again, with fresh attempts" })
    )
  )
  .middleware(Authentication)
  .annotate(NeededRoles, ["client"])
  .annotateMerge(
    OpenApi.annotations({ title: "Jobs", description: "Creating, following and deciding on jobs." })
  ) {}
