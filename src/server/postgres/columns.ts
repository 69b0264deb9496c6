/** The columns that are read of jobs and attempts: what they hold, and where a query finds them. */
import { Schema, Struct } from "effect"
import { Outcome, RunnerUp } from "../../domain/attempts/Attempt.ts"
import { AttemptId, JobId, ProjectId } from "../../domain/Identifiers.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { CancelRequest, JobStatus } from "../../domain/jobs/Job.ts"

/** What a `json` column holds. The driver has parsed it, so it can be nothing else. */
export const StoredJson = Schema.declare((value): value is JsonValue => value !== undefined)

const NullableTime = Schema.NullOr(Schema.Date)

/** The columns of a job in rows that make a record. */
export const jobFields = {
  id: JobId,
  group_id: Schema.Number,
  status: JobStatus,
  version: Schema.Number,
  parameters: StoredJson,
  tags: Schema.Array(Schema.String),
  project: Schema.NullOr(ProjectId),
  fairness_key: Schema.NullOr(Schema.String),
  created_by: Schema.NullOr(Schema.String),
  schedule: Schema.NullOr(Schema.String),
  created_at: Schema.Date,
  run_at: Schema.Date,
  first_run_at: Schema.Date,
  started_at: NullableTime,
  finished_at: NullableTime,
  expires_in: Schema.NullOr(Schema.Number),
  expires_at: NullableTime,
  attempts: Schema.Number,
  failures: Schema.Number,
  losses: Schema.Number,
  max_attempts: Schema.NullOr(Schema.Number),
  lease: Schema.NullOr(Schema.Number),
  max_run: Schema.NullOr(Schema.Number),
  reason: Schema.NullOr(Schema.Literals(["expired", "cancelled"])),
  cancel_request: Schema.NullOr(CancelRequest)
}

/** The columns of an attempt. They have a prefix, for most queries read them beside a job's. */
export const attemptFields = {
  attempt_id: AttemptId,
  attempt_job: JobId,
  attempt_number: Schema.Number,
  attempt_worker: Schema.String,
  attempt_score: Schema.NullOr(Schema.Number),
  attempt_runners_up: Schema.NullOr(Schema.Array(RunnerUp)),
  attempt_started_at: Schema.Date,
  attempt_ended_at: NullableTime,
  attempt_outcome: Schema.NullOr(Outcome),
  attempt_lease: Schema.Number,
  attempt_lease_expires_at: Schema.Date,
  attempt_pickup_by: NullableTime,
  attempt_first_sign_at: NullableTime,
  attempt_max_run: Schema.Number,
  attempt_run_until: Schema.Date,
  attempt_cancel_at: NullableTime,
  attempt_mark: Schema.Number,
  attempt_percent: Schema.NullOr(Schema.Number),
  attempt_message: Schema.NullOr(Schema.String),
  attempt_checkpoint: StoredJson,
  attempt_result: StoredJson,
  attempt_error: StoredJson,
  attempt_next_run_at: NullableTime,
  attempt_started_version: Schema.Number,
  attempt_ended_version: Schema.NullOr(Schema.Number)
}

/** The columns that make a changed job, beside those of its attempt. */
export const changedFields = Struct.pick(jobFields, [
  "id",
  "group_id",
  "status",
  "version",
  "project",
  "created_at",
  "run_at",
  "finished_at",
  "expires_in",
  "cancel_request",
  "failures",
  "losses"
])

/** The columns that make a changed job. */
export const changedJobFields = {
  ...changedFields,
  ...Struct.pick(attemptFields, [
    "attempt_id",
    "attempt_number",
    "attempt_worker",
    "attempt_started_at",
    "attempt_ended_at",
    "attempt_outcome",
    "attempt_lease_expires_at",
    "attempt_pickup_by",
    "attempt_run_until",
    "attempt_cancel_at",
    "attempt_ended_version"
  ])
}

type Column = keyof typeof jobFields | keyof typeof attemptFields

const places: Partial<Record<Column, string>> = {
  parameters: "job_payload.parameters",
  attempt_job: "attempt.job_id",
  // As numbers, for a bigint would come as one.
  group_id: "job.group_id::float8",
  expires_in: "job.expires_in::float8",
  lease: "job.lease::float8",
  max_run: "job.max_run::float8",
  attempt_lease: "attempt.lease::float8",
  attempt_max_run: "attempt.max_run::float8",
  attempt_mark: "attempt.mark::float8"
}

const placeOf = (column: Column): string =>
  places[column] ?? (column in attemptFields ? column.replace("_", ".") : `job.${column}`)

/** What a query selects of the tables `job`, `job_payload` and `attempt`, or what is called so, for rows of these fields. */
export const columnsOf = (fields: Partial<Record<Column, unknown>>): string =>
  Struct.keys(fields)
    .map((column) => `${placeOf(column)} as ${column}`)
    .join(", ")

/** The columns of the table `attempt` that are behind these fields, for a statement that hands them on to `columnsOf`. */
export const attemptColumnsBehind = (fields: Partial<Record<Column, unknown>>): string =>
  Struct.keys(fields)
    .filter((column) => column in attemptFields)
    .map((column) => placeOf(column).replace(/::.*$/, ""))
    .join(", ")

export const jobColumns = columnsOf(jobFields)
export const attemptColumns = columnsOf(attemptFields)
