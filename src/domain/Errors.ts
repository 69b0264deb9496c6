/** What can be wrong with a request, each as an RFC 9457 problem with its HTTP status. */
import { Schema } from "effect"
import { HttpApiError } from "effect/http-api"
import { JobId, ProjectId } from "./Identifiers.ts"
import { Job } from "./jobs/Job.ts"

const urn = <const Code extends string>(code: Code) => `urn:lazyboss:problem:${code}` as const

const JobAsSent = Schema.toEncoded(Job)

/** One thing that is wrong with the input. `path` leads to it from the body, as in `3.constraints.0.op`. */
export const InputIssue = Schema.Struct({ path: Schema.String, message: Schema.String })
export type InputIssue = typeof InputIssue.Type

export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()(
  "InvalidRequest",
  { type: urn("invalid-request"), status: 400, title: "The request is not valid" },
  { errors: Schema.Array(InputIssue) }
) {}

export class Unauthenticated extends HttpApiError.Problem<Unauthenticated>()("Unauthenticated", {
  type: urn("unauthenticated"),
  status: 401,
  title: "Say who you are"
}) {}

export class Forbidden extends HttpApiError.Problem<Forbidden>()("Forbidden", {
  type: urn("forbidden"),
  status: 403,
  title: "The token's role does not allow this"
}) {}

export class ForeignPage extends HttpApiError.Problem<ForeignPage>()("ForeignPage", {
  type: urn("foreign-page"),
  status: 403,
  title: "An open server does nothing for pages on the web"
}) {}

export class NotYours extends HttpApiError.Problem<NotYours>()("NotYours", {
  type: urn("not-yours"),
  status: 403,
  title: "This is another client's"
}) {}

export class WrongWorker extends HttpApiError.Problem<WrongWorker>()("WrongWorker", {
  type: urn("wrong-worker"),
  status: 403,
  title: "The attempt belongs to another worker"
}) {}

export class RouteNotFound extends HttpApiError.Problem<RouteNotFound>()("RouteNotFound", {
  type: urn("not-found"),
  status: 404,
  title: "There is nothing at this address"
}) {}

/** Details where there is nothing else to tell. */
export const noSuchJob = "no job has this id"
export const noSuchAttempt = "no attempt at this job has this id"

export class JobNotFound extends HttpApiError.Problem<JobNotFound>()("JobNotFound", {
  type: urn("job-not-found"),
  status: 404,
  title: "There is no such job"
}) {}

export class AttemptNotFound extends HttpApiError.Problem<AttemptNotFound>()("AttemptNotFound", {
  type: urn("attempt-not-found"),
  status: 404,
  title: "The job has no such attempt"
}) {}

export class WorkerNotFound extends HttpApiError.Problem<WorkerNotFound>()("WorkerNotFound", {
  type: urn("worker-not-found"),
  status: 404,
  title: "Nobody has heard of such a worker"
}) {}

export class TypeNotFound extends HttpApiError.Problem<TypeNotFound>()("TypeNotFound", {
  type: urn("type-not-found"),
  status: 404,
  title: "There are no jobs of this type"
}) {}

export class PolicyNotFound extends HttpApiError.Problem<PolicyNotFound>()("PolicyNotFound", {
  type: urn("policy-not-found"),
  status: 404,
  title: "The type has no policy of its own"
}) {}

export class BulkActionNotFound extends HttpApiError.Problem<BulkActionNotFound>()("BulkActionNotFound", {
  type: urn("bulk-action-not-found"),
  status: 404,
  title: "There is no such bulk action"
}) {}

export class ProjectNotFound extends HttpApiError.Problem<ProjectNotFound>()("ProjectNotFound", {
  type: urn("project-not-found"),
  status: 404,
  title: "There is no such project"
}) {}

export class ScheduleNotFound extends HttpApiError.Problem<ScheduleNotFound>()("ScheduleNotFound", {
  type: urn("schedule-not-found"),
  status: 404,
  title: "There is no such schedule"
}) {}

export class TokenNotFound extends HttpApiError.Problem<TokenNotFound>()("TokenNotFound", {
  type: urn("token-not-found"),
  status: 404,
  title: "There is no such token"
}) {}

export class MethodNotAllowed extends HttpApiError.Problem<MethodNotAllowed>()("MethodNotAllowed", {
  type: urn("method-not-allowed"),
  status: 405,
  title: "This address does not take that method"
}) {}

export class NotAcceptable extends HttpApiError.Problem<NotAcceptable>()("NotAcceptable", {
  type: urn("not-acceptable"),
  status: 406,
  title: "The answer cannot be given in an accepted form"
}) {}

export class RequestTimeout extends HttpApiError.Problem<RequestTimeout>()("RequestTimeout", {
  type: urn("request-timeout"),
  status: 408,
  title: "The body did not come in time"
}) {}

export class AttemptOver extends HttpApiError.Problem<AttemptOver>()(
  "AttemptOver",
  { type: urn("attempt-over"), status: 409, title: "The attempt is over" },
  { job: JobAsSent }
) {}

export class OutcomeConflict extends HttpApiError.Problem<OutcomeConflict>()(
  "OutcomeConflict",
  { type: urn("outcome-conflict"), status: 409, title: "The attempt has another outcome already" },
  { job: JobAsSent }
) {}

export class JobFinished extends HttpApiError.Problem<JobFinished>()(
  "JobFinished",
  { type: urn("job-finished"), status: 409, title: "The job is finished" },
  { job: JobAsSent }
) {}

export class JobRunning extends HttpApiError.Problem<JobRunning>()(
  "JobRunning",
  { type: urn("job-running"), status: 409, title: "The job is being processed" },
  { job: JobAsSent }
) {}

export class JobNotRetryable extends HttpApiError.Problem<JobNotRetryable>()(
  "JobNotRetryable",
  { type: urn("job-not-retryable"), status: 409, title: "Only a failed or cancelled job can be retried" },
  { job: JobAsSent }
) {}

export class ProjectClosed extends HttpApiError.Problem<ProjectClosed>()(
  "ProjectClosed",
  { type: urn("project-closed"), status: 409, title: "The project takes no more jobs" },
  { project: ProjectId }
) {}

export class ProjectFinished extends HttpApiError.Problem<ProjectFinished>()(
  "ProjectFinished",
  { type: urn("project-finished"), status: 409, title: "The project is finished" },
  { project: ProjectId }
) {}

export class ScheduleBusy extends HttpApiError.Problem<ScheduleBusy>()(
  "ScheduleBusy",
  {
    type: urn("schedule-busy"),
    status: 409,
    title: "An earlier job of the schedule is not finished"
  },
  { unfinished: JobId }
) {}

export class TokenExists extends HttpApiError.Problem<TokenExists>()("TokenExists", {
  type: urn("token-exists"),
  status: 409,
  title: "A token of this name exists already"
}) {}

export class TooManyTokens extends HttpApiError.Problem<TooManyTokens>()("TooManyTokens", {
  type: urn("too-many-tokens"),
  status: 409,
  title: "There are as many tokens as there can be"
}) {}

export class SupervisorNeeded extends HttpApiError.Problem<SupervisorNeeded>()("SupervisorNeeded", {
  type: urn("supervisor-needed"),
  status: 409,
  title: "Somebody must be able to supervise"
}) {}

export class ProgressAhead extends HttpApiError.Problem<ProgressAhead>()(
  "ProgressAhead",
  { type: urn("progress-ahead"), status: 409, title: "The server has not seen that much progress" },
  { mark: Schema.Int }
) {}

export class ProjectDeleted extends HttpApiError.Problem<ProjectDeleted>()("ProjectDeleted", {
  type: urn("project-deleted"),
  status: 410,
  title: "The project was done with long ago, and is deleted"
}) {}

export class JobDeleted extends HttpApiError.Problem<JobDeleted>()("JobDeleted", {
  type: urn("job-deleted"),
  status: 410,
  title: "The job was done with long ago, and is deleted"
}) {}

export class PayloadTooLarge extends HttpApiError.Problem<PayloadTooLarge>()("PayloadTooLarge", {
  type: urn("payload-too-large"),
  status: 413,
  title: "The body is too large"
}) {}

export class UnsupportedMediaType extends HttpApiError.Problem<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  { type: urn("unsupported-media-type"), status: 415, title: "The body is of a kind that is not taken here" }
) {}

export class RangeNotSatisfiable extends HttpApiError.Problem<RangeNotSatisfiable>()("RangeNotSatisfiable", {
  type: urn("range-not-satisfiable"),
  status: 416,
  title: "The range lies outside of the log"
}) {}

export class IdempotencyConflict extends HttpApiError.Problem<IdempotencyConflict>()("IdempotencyConflict", {
  type: urn("idempotency-conflict"),
  status: 422,
  title: "The idempotency key was used for another body"
}) {}

export class InternalFailure extends HttpApiError.Problem<InternalFailure>()("InternalFailure", {
  type: urn("internal"),
  status: 500,
  title: "Something went wrong in the server"
}) {}

export class Unavailable extends HttpApiError.Problem<Unavailable>()("Unavailable", {
  type: urn("unavailable"),
  status: 503,
  title: "The server cannot do this for the moment"
}) {}
