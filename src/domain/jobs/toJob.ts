/** Shows what is kept of a job. */
import { type DateTime, Duration } from "effect"
import { formatDuration } from "../Duration.ts"
import type { JsonValue } from "../Json.ts"
import { toConstraintJson } from "../matching/Constraint.ts"
import type { Policy } from "../policies/Policy.ts"
import { formatTime } from "../RecentTimes.ts"
import { type CancelRequest, currentAttempt, type JobJson, type JobRecord } from "./Job.ts"

const expired = { reason: "expired", message: "the job was not finished within its expiresIn" }

const cancelled = (request: CancelRequest | null) => ({
  reason: "cancelled",
  message: request?.reason ?? "the job was cancelled",
  by: request?.by ?? null
})

// What the last attempt of a cancelled job ended with is told by the attempt. A job that was retried by hand begins anew,
// although its last attempt is still known.
const errorOf = ({ attempt, attempts, cancelRequest, reason, status }: JobRecord): JsonValue => {
  if (reason === "expired") return expired
  if (status === "cancelled") return cancelled(cancelRequest)
  return status === "done" || attempts === 0 ? null : (attempt?.error ?? null)
}

const formatNullable = (time: DateTime.Utc | null) => (time === null ? null : formatTime(time))

/** The job as the API shows it, with the policy's value wherever the job has none of its own. */
export const toJob = (record: JobRecord, policy: Policy): JobJson => {
  const { attempt, group, status } = record
  const shown = currentAttempt(record)
  const maxRun = record.maxRun ?? policy.maxRun
  return {
    id: record.id,
    type: group.type,
    status,
    parameters: record.parameters,
    constraints: group.constraints.map(toConstraintJson),
    priority: group.priority,
    tags: record.tags,
    project: record.project,
    fairnessKey: record.fairnessKey,
    createdBy: record.createdBy,
    schedule: record.schedule,
    createdAt: formatTime(record.createdAt),
    runAt: formatTime(record.runAt),
    startedAt: formatNullable(record.startedAt),
    finishedAt: formatNullable(record.finishedAt),
    expiresIn: record.expiresIn === null ? null : formatDuration(record.expiresIn),
    expiresAt: formatNullable(record.expiresAt),
    assignee: shown?.worker ?? null,
    attempt: shown?.id ?? null,
    attempts: record.attempts,
    maxAttempts: record.maxAttempts ?? policy.maxAttempts,
    losses: record.losses,
    lease: formatDuration(shown?.lease ?? Duration.min(record.lease ?? policy.lease, maxRun)),
    maxRun: formatDuration(maxRun),
    progress:
      shown === null || (shown.percent === null && shown.message === null)
        ? null
        : { percent: shown.percent, message: shown.message },
    result: status === "done" ? (attempt?.result ?? null) : null,
    error: errorOf(record)
  }
}
