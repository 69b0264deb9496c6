/** Jobs that were just given away, as rows. */
import { Schema, Struct } from "effect"
import type { ClaimedJob } from "../../../domain/JobRepo.ts"
import type { JobGroup } from "../../../domain/Matching.ts"
import { attemptFields, jobFields, toAttemptRecord, toChangedJob } from "../rows.ts"

/** What is not the same for all of them. */
export const givenColumns = `
  job.id, job.group_id::float8 as group_id, job.version, job_payload.parameters, job.created_at, job.run_at,
  job.expires_in::float8 as expires_in, attempt.id as attempt_id, attempt.number as attempt_number,
  attempt.worker as attempt_worker, attempt.started_at as attempt_started_at, attempt.lease::float8 as attempt_lease,
  attempt.lease_expires_at as attempt_lease_expires_at, attempt.pickup_by as attempt_pickup_by,
  attempt.max_run::float8 as attempt_max_run, attempt.run_until as attempt_run_until,
  attempt.checkpoint as attempt_checkpoint`

export const GivenRow = Schema.Struct({
  ...Struct.pick(jobFields, [
    "id",
    "group_id",
    "version",
    "parameters",
    "created_at",
    "run_at",
    "expires_in"
  ]),
  ...Struct.pick(attemptFields, [
    "attempt_id",
    "attempt_number",
    "attempt_worker",
    "attempt_started_at",
    "attempt_lease",
    "attempt_lease_expires_at",
    "attempt_pickup_by",
    "attempt_max_run",
    "attempt_run_until",
    "attempt_checkpoint"
  ])
})
type GivenRow = typeof GivenRow.Type

const sameForAll = {
  status: "processing" as const,
  attempt_ended_at: null,
  attempt_outcome: null,
  attempt_cancel_at: null,
  attempt_mark: 0,
  attempt_percent: null,
  attempt_message: null,
  attempt_result: null,
  attempt_error: null,
  attempt_next_run_at: null,
  attempt_ended_version: null
}

export const toClaimedJob = (row: GivenRow, group: JobGroup): ClaimedJob => {
  const whole = { ...row, ...sameForAll, attempt_job: row.id, attempt_started_version: row.version }
  const attempt = toAttemptRecord(whole)
  return { job: { ...toChangedJob(whole, group), parameters: row.parameters }, attempt }
}
