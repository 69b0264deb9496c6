/** What a worker is told of a job that it was given. */
import { Schema } from "effect"
import type { AttemptRecord } from "../attempts/Attempt.ts"
import { DurationText, formatDuration } from "../Duration.ts"
import { AttemptId, JobId, Name } from "../Identifiers.ts"
import { JsonValue } from "../Json.ts"
import { formatTime } from "../RecentTimes.ts"
import { Timestamp } from "../Timestamp.ts"
import type { JobRecord } from "./Job.ts"

/** A job in the hands of a worker: what the worker is told. */
export const Assignment = Schema.Struct({
  id: JobId,
  status: Schema.Literal("processing"),
  type: Name,
  parameters: JsonValue,
  startedAt: Timestamp,
  assignee: Name,
  attempt: AttemptId,
  attemptNumber: Schema.Int,
  lease: DurationText,
  leaseExpiresAt: Timestamp,
  maxRun: DurationText,
  /** What the attempt before left for the next one. */
  checkpoint: JsonValue
}).annotate({ identifier: "Assignment" })
export type Assignment = typeof Assignment.Type

/** An assignment in the form in which it is sent. */
export type AssignmentJson = typeof Assignment.Encoded

/** What a worker is told of the attempt that it was given. */
export const toAssignment = (
  job: Pick<JobRecord, "id" | "group" | "parameters">,
  attempt: AttemptRecord
): AssignmentJson => ({
  id: job.id,
  status: "processing",
  type: job.group.type,
  parameters: job.parameters,
  startedAt: formatTime(attempt.startedAt),
  assignee: attempt.worker,
  attempt: attempt.id,
  attemptNumber: attempt.number,
  lease: formatDuration(attempt.lease),
  leaseExpiresAt: formatTime(attempt.leaseExpiresAt),
  maxRun: formatDuration(attempt.maxRun),
  checkpoint: attempt.checkpoint
})
