/** Rows as they come from the database, and the records that are made of them. */
import { type DateTime, Duration, Schema } from "effect"
import type { AttemptRecord } from "../../domain/attempts/Attempt.ts"
import type { ChangedJob, JobRecord } from "../../domain/jobs/Job.ts"
import type { JobGroup } from "../../domain/matching/Matching.ts"
import { timeOf } from "../../domain/RecentTimes.ts"
import { attemptFields, changedJobFields, changedFields, jobFields } from "./columns.ts"
import { isKey, rowsOf } from "./Database.ts"

export const AttemptRow = Schema.Struct(attemptFields)
export type AttemptRow = typeof AttemptRow.Type
export const attemptRows = rowsOf(AttemptRow)

const JobWithAttempt = Schema.Struct({ ...jobFields, ...attemptFields })
const JobWithoutAttempt = Schema.Struct({ ...jobFields, attempt_id: Schema.Null })

/** A job beside its live or last attempt. */
export const JobRow = Schema.Union([JobWithAttempt, JobWithoutAttempt])
export type JobRow = typeof JobRow.Type
export const jobRows = rowsOf(JobRow)

const ChangeRow = Schema.Struct(changedFields)

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

export const toTime = (date: Date): DateTime.Utc => timeOf(date.getTime())
export const toNullableTime = toNullable(toTime)
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
  score: row.attempt_score,
  runnersUp: row.attempt_runners_up ?? [],
  startedAt: toTime(row.attempt_started_at),
  endedAt: toNullableTime(row.attempt_ended_at),
  outcome: row.attempt_outcome,
  lease: Duration.millis(row.attempt_lease),
  leaseExpiresAt: toTime(row.attempt_lease_expires_at),
  pickupBy: toNullableTime(row.attempt_pickup_by),
  firstSignAt: toNullableTime(row.attempt_first_sign_at),
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

export const toJobRecord = (row: JobRow, group: JobGroup): JobRecord => ({
  id: row.id,
  group,
  status: row.status,
  version: row.version,
  parameters: row.parameters,
  tags: row.tags,
  project: row.project,
  fairnessKey: row.fairness_key,
  createdBy: row.created_by,
  schedule: row.schedule,
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
  cancelRequest: row.cancel_request,
  attempt: row.attempt_id === null ? null : toAttemptRecord(row)
})

/** A changed job without its attempt. */
export const toChange = (row: typeof ChangeRow.Type, group: JobGroup): Omit<ChangedJob, "attempt"> => ({
  id: row.id,
  group,
  status: row.status,
  version: row.version,
  project: row.project,
  createdAt: toTime(row.created_at),
  runAt: toTime(row.run_at),
  finishedAt: toNullableTime(row.finished_at),
  expiresIn: toNullableDuration(row.expires_in),
  cancelRequest: row.cancel_request,
  failures: row.failures,
  losses: row.losses
})

export const toChangedJob = (row: ChangedJobRow, group: JobGroup): ChangedJob => ({
  ...toChange(row, group),
  attempt: {
    id: row.attempt_id,
    number: row.attempt_number,
    worker: row.attempt_worker,
    startedAt: toTime(row.attempt_started_at),
    endedAt: toNullableTime(row.attempt_ended_at),
    outcome: row.attempt_outcome,
    leaseExpiresAt: toTime(row.attempt_lease_expires_at),
    pickupBy: toNullableTime(row.attempt_pickup_by),
    runUntil: toTime(row.attempt_run_until),
    cancelAt: toNullableTime(row.attempt_cancel_at),
    endedVersion: row.attempt_ended_version
  }
})
