/** Jobs that were just given away, as rows. */
import { Schema, Struct } from "effect"
import type { ClaimedJob } from "../../../domain/jobs/Claim.ts"
import type { JobGroup } from "../../../domain/matching/Matching.ts"
import { attemptColumnsBehind, attemptFields, columnsOf, jobFields } from "../columns.ts"
import { toAttemptRecord, toChangedJob } from "../rows.ts"

/** What is not the same for all of them. */
const givenFields = {
  ...Struct.pick(jobFields, [
    "id",
    "group_id",
    "version",
    "parameters",
    "project",
    "created_at",
    "run_at",
    "expires_in",
    "cancel_request",
    "failures",
    "losses"
  ]),
  ...Struct.pick(attemptFields, [
    "attempt_id",
    "attempt_number",
    "attempt_worker",
    "attempt_score",
    "attempt_runners_up",
    "attempt_started_at",
    "attempt_lease",
    "attempt_lease_expires_at",
    "attempt_pickup_by",
    "attempt_max_run",
    "attempt_run_until",
    "attempt_checkpoint"
  ])
}
export const givenColumns = columnsOf(givenFields)
export const givenAttemptColumns = attemptColumnsBehind(givenFields)
export const GivenRow = Schema.Struct(givenFields)
type GivenRow = typeof GivenRow.Type

const sameForAll = {
  status: "processing" as const,
  finished_at: null,
  attempt_first_sign_at: null,
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
