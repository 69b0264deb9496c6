/** Rows as they come from the database, and the records that are made of them. */
import { DateTime, Duration, Schema, Struct } from "effect"
import { type AttemptRecord, Outcome } from "../../domain/Attempt.ts"
import { AttemptId, JobId, ProjectId } from "../../domain/Identifiers.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { type ChangedJob, type JobRecord, JobStatus } from "../../domain/Job.ts"
import type { JobGroup } from "../../domain/Matching.ts"
import { isKey, rowsOf } from "./Database.ts"

/** What a `json` column holds. The driver has parsed it, so it can be nothing else. */
export const StoredJson = Schema.declare((value): value is JsonValue => value !== undefined)

const NullableTime = Schema.NullOr(Schema.Date)

/** The columns of `job` that make a record, in a query that calls the table or its like `job`. */
export const jobColumns = `
  job.id, job.group_id::float8 as group_id, job.status, job.version, job_payload.parameters, job.tags, job.project,
  job.fairness_key, job.created_at, job.run_at, job.first_run_at, job.started_at, job.finished_at,
  job.expires_in::float8 as expires_in, job.expires_at, job.attempts, job.failures, job.losses, job.max_attempts,
  job.lease::float8 as lease, job.max_run::float8 as max_run, job.reason`

export const jobFields = {
  id: JobId,
  group_id: Schema.Number,
  status: JobStatus,
  version: Schema.Number,
  parameters: StoredJson,
  tags: Schema.Array(Schema.String),
  project: Schema.NullOr(ProjectId),
  fairness_key: Schema.NullOr(Schema.String),
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
  reason: Schema.NullOr(Schema.Literals(["expired", "cancelled"]))
}

/** The columns of `attempt` that make a record. They have a prefix, for most queries read them beside a job's. */
export const attemptColumns = `
  attempt.id as attempt_id, attempt.job_id as attempt_job, attempt.number as attempt_number,
  attempt.worker as attempt_worker, attempt.started_at as attempt_started_at, attempt.ended_at as attempt_ended_at,
  attempt.outcome as attempt_outcome, attempt.lease::float8 as attempt_lease,
  attempt.lease_expires_at as attempt_lease_expires_at, attempt.pickup_by as attempt_pickup_by,
  attempt.max_run::float8 as attempt_max_run, attempt.run_until as attempt_run_until,
  attempt.cancel_at as attempt_cancel_at, attempt.mark::float8 as attempt_mark, attempt.percent as attempt_percent,
  attempt.message as attempt_message, attempt.checkpoint as attempt_checkpoint, attempt.result as attempt_result,
  attempt.error as attempt_error, attempt.next_run_at as attempt_next_run_at,
  attempt.started_version as attempt_started_version, attempt.ended_version as attempt_ended_version`

export const attemptFields = {
  attempt_id: AttemptId,
  attempt_job: JobId,
  attempt_number: Schema.Number,
  attempt_worker: Schema.String,
  attempt_started_at: Schema.Date,
  attempt_ended_at: NullableTime,
  attempt_outcome: Schema.NullOr(Outcome),
  attempt_lease: Schema.Number,
  attempt_lease_expires_at: Schema.Date,
  attempt_pickup_by: NullableTime,
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

export const AttemptRow = Schema.Struct(attemptFields)
export type AttemptRow = typeof AttemptRow.Type
export const attemptRows = rowsOf(AttemptRow)

const JobWithAttempt = Schema.Struct({ ...jobFields, ...attemptFields })
const JobWithoutAttempt = Schema.Struct({ ...jobFields, attempt_id: Schema.Null })

/** A job beside its live or last attempt. */
export const JobRow = Schema.Union([JobWithAttempt, JobWithoutAttempt])
export type JobRow = typeof JobRow.Type
export const jobRows = rowsOf(JobRow)

/** The columns that make a changed job. */
export const changedJobColumns = `
  job.id, job.group_id::float8 as group_id, job.status, job.version, job.created_at, job.run_at,
  job.expires_in::float8 as expires_in, attempt.id as attempt_id, attempt.worker as attempt_worker,
  attempt.started_at as attempt_started_at, attempt.ended_at as attempt_ended_at, attempt.outcome as attempt_outcome,
  attempt.lease_expires_at as attempt_lease_expires_at, attempt.pickup_by as attempt_pickup_by,
  attempt.run_until as attempt_run_until, attempt.cancel_at as attempt_cancel_at`

export const changedJobFields = {
  ...Struct.pick(jobFields, ["id", "group_id", "status", "version", "created_at", "run_at", "expires_in"]),
  ...Struct.pick(attemptFields, [
    "attempt_id",
    "attempt_worker",
    "attempt_started_at",
    "attempt_ended_at",
    "attempt_outcome",
    "attempt_lease_expires_at",
    "attempt_pickup_by",
    "attempt_run_until",
    "attempt_cancel_at"
  ])
}
const ChangedJobRow = Schema.Struct(changedJobFields)
export type ChangedJobRow = typeof ChangedJobRow.Type

/** Reads jobs from `job` or something like it, with their attempts from `attempt` or something like it. */
export const jobsFrom = (job: string, attempt = "attempt") => `
  from ${job} as job
  left join ${attempt} as attempt on ${isKey("attempt.id", "job.attempt")}
  left join job_payload on ${isKey("job_payload.job_id", "job.id")}`

const toNullable =
  <A, B>(convert: (value: A) => B) =>
  (value: A | null): B | null =>
    value === null ? null : convert(value)

export const toTime = DateTime.fromDateUnsafe
export const toNullableTime = toNullable(DateTime.fromDateUnsafe)
const toNullableDuration = toNullable<number, Duration.Duration>(Duration.millis)

// Text cannot hold U+0000, but the JSON of it can.
const Message = Schema.fromJsonString(Schema.String)
export const encodeMessage = toNullable(Schema.encodeSync(Message))
const decodeMessage = toNullable(Schema.decodeSync(Message))

export const toAttemptRecord = (row: AttemptRow): AttemptRecord => ({
  id: row.attempt_id,
  job: row.attempt_job,
  number: row.attempt_number,
  worker: row.attempt_worker,
  startedAt: toTime(row.attempt_started_at),
  endedAt: toNullableTime(row.attempt_ended_at),
  outcome: row.attempt_outcome,
  lease: Duration.millis(row.attempt_lease),
  leaseExpiresAt: toTime(row.attempt_lease_expires_at),
  pickupBy: toNullableTime(row.attempt_pickup_by),
  maxRun: Duration.millis(row.attempt_max_run),
  runUntil: toTime(row.attempt_run_until),
  cancelAt: toNullableTime(row.attempt_cancel_at),
  mark: row.attempt_mark,
  percent: row.attempt_percent,
  message: decodeMessage(row.attempt_message),
  checkpoint: row.attempt_checkpoint,
  result: row.attempt_result,
  error: row.attempt_error,
  nextRunAt: toNullableTime(row.attempt_next_run_at),
  startedVersion: row.attempt_started_version,
  endedVersion: row.attempt_ended_version
})

export const toJobRecord = (
  row: JobRow,
  group: JobGroup,
  attempt = row.attempt_id === null ? null : toAttemptRecord(row)
): JobRecord => ({
  id: row.id,
  group,
  status: row.status,
  version: row.version,
  parameters: row.parameters,
  tags: row.tags,
  project: row.project,
  fairnessKey: row.fairness_key,
  createdAt: toTime(row.created_at),
  runAt: toTime(row.run_at),
  firstRunAt: toTime(row.first_run_at),
  startedAt: toNullableTime(row.started_at),
  finishedAt: toNullableTime(row.finished_at),
  expiresIn: toNullableDuration(row.expires_in),
  expiresAt: toNullableTime(row.expires_at),
  attempts: row.attempts,
  failures: row.failures,
  losses: row.losses,
  maxAttempts: row.max_attempts,
  lease: toNullableDuration(row.lease),
  maxRun: toNullableDuration(row.max_run),
  reason: row.reason,
  attempt
})

export const toChangedJob = (row: ChangedJobRow, group: JobGroup): ChangedJob => ({
  id: row.id,
  group,
  status: row.status,
  version: row.version,
  createdAt: toTime(row.created_at),
  runAt: toTime(row.run_at),
  expiresIn: toNullableDuration(row.expires_in),
  attempt: {
    id: row.attempt_id,
    worker: row.attempt_worker,
    startedAt: toTime(row.attempt_started_at),
    endedAt: toNullableTime(row.attempt_ended_at),
    outcome: row.attempt_outcome,
    leaseExpiresAt: toTime(row.attempt_lease_expires_at),
    pickupBy: toNullableTime(row.attempt_pickup_by),
    runUntil: toTime(row.attempt_run_until),
    cancelAt: toNullableTime(row.attempt_cancel_at)
  }
})
