/** What is to be done: a job as it is created, as it is kept, and as it is shown. */
import { Schema, Struct } from "effect"
import { AttemptRecord, ChangedAttempt } from "../attempts/Attempt.ts"
import { DurationText, PositiveDurationText } from "../Duration.ts"
import { AttemptId, FairnessKey, JobId, Name, ProjectId, Tag } from "../Identifiers.ts"
import { JsonValue } from "../Json.ts"
import { Constraint, SentConstraints } from "../matching/Constraint.ts"
import { JobGroup } from "../matching/Matching.ts"
import { Timestamp } from "../Timestamp.ts"

/** `scheduled` (runAt is ahead) → `pending` → `processing` → `done` | `failed` | `cancelled`. */
export const JobStatus = Schema.Literals([
  "scheduled",
  "pending",
  "processing",
  "done",
  "failed",
  "cancelled"
])
export type JobStatus = typeof JobStatus.Type

/** Whether a job of this status has ended. Only a retry by hand brings it back. */
export const isFinished = (status: JobStatus): boolean =>
  status === "done" || status === "failed" || status === "cancelled"

/** What a client sends to create a job. What is not given comes from the policy of the job's type. */
export const NewJob = Schema.Struct({
  type: Name,
  parameters: Schema.optionalKey(JsonValue),
  constraints: Schema.optionalKey(SentConstraints),
  priority: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: -1_000_000, maximum: 1_000_000 }))
  ),
  runAt: Schema.optionalKey(Timestamp),
  delay: Schema.optionalKey(DurationText),
  expiresIn: Schema.optionalKey(PositiveDurationText),
  project: Schema.optionalKey(ProjectId),
  tags: Schema.optionalKey(Schema.Array(Tag).check(Schema.isMaxLength(64))),
  fairnessKey: Schema.optionalKey(FairnessKey),
  maxAttempts: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }))),
  lease: Schema.optionalKey(PositiveDurationText),
  maxRun: Schema.optionalKey(PositiveDurationText)
})
  .check(
    Schema.makeFilter((job) =>
      job.runAt !== undefined && job.delay !== undefined
        ? { path: ["delay"], issue: "excludes runAt: give one of the two" }
        : undefined
    )
  )
  .annotate({ identifier: "NewJob" })
export type NewJob = typeof NewJob.Type

/** Who asked for a job to be cancelled, and why. Null for what was not said. */
export const CancelRequest = Schema.Struct({
  by: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String)
})
export type CancelRequest = typeof CancelRequest.Type

/** What the boss keeps of a job. Null where the job was created without a wish of its own. */
export const JobRecord = Schema.Struct({
  id: JobId,
  group: JobGroup,
  status: JobStatus,
  /** Counts the changes of the job's state, from 1 at its creation. */
  version: Schema.Int,
  parameters: JsonValue,
  tags: Schema.Array(Schema.String),
  project: Schema.NullOr(ProjectId),
  fairnessKey: Schema.NullOr(Schema.String),
  /** The name of the token that it was created with; null if nobody said who it was. */
  createdBy: Schema.NullOr(Schema.String),
  /** The schedule that created it; null for none. */
  schedule: Schema.NullOr(Schema.String),
  createdAt: Schema.DateTimeUtc,
  /** When the job was or will be due. */
  runAt: Schema.DateTimeUtc,
  /** `runAt` as it was at the creation, which later attempts do not change. */
  firstRunAt: Schema.DateTimeUtc,
  startedAt: Schema.NullOr(Schema.DateTimeUtc),
  finishedAt: Schema.NullOr(Schema.DateTimeUtc),
  expiresIn: Schema.NullOr(Schema.Duration),
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  /** Attempts begun, failures and losses charged, since the creation or the last retry by hand. */
  attempts: Schema.Int,
  failures: Schema.Int,
  losses: Schema.Int,
  maxAttempts: Schema.NullOr(Schema.Int),
  lease: Schema.NullOr(Schema.Duration),
  maxRun: Schema.NullOr(Schema.Duration),
  /** Why the job ended without a last attempt saying so. */
  reason: Schema.NullOr(Schema.Literals(["expired", "cancelled"])),
  /** The first request to cancel the job since its creation or the last retry by hand. */
  cancelRequest: Schema.NullOr(CancelRequest),
  /** The live attempt while processing, otherwise the last one. */
  attempt: Schema.NullOr(AttemptRecord)
})
export type JobRecord = typeof JobRecord.Type

/** What is told of a job whose state changed to whoever it may concern: less than is kept, for it is told often. */
export const ChangedJob = Schema.Struct({
  ...Struct.pick(JobRecord.fields, [
    "id",
    "group",
    "status",
    "version",
    "project",
    "createdAt",
    "runAt",
    "finishedAt",
    "expiresIn",
    "cancelRequest",
    "failures",
    "losses"
  ]),
  attempt: Schema.NullOr(ChangedAttempt)
})
export type ChangedJob = typeof ChangedJob.Type

/** The attempt that runs or ended the job; null for a job that waits, also if it was tried before. */
export const currentAttempt = ({ attempt, attempts, status }: JobRecord): AttemptRecord | null =>
  // Without an attempt since the last retry by hand, `attempt` is one from before it.
  attempts > 0 && (status === "processing" || isFinished(status)) ? attempt : null

/** The progress of the live or last attempt. */
export const Progress = Schema.Struct({
  percent: Schema.NullOr(Schema.Finite),
  message: Schema.NullOr(Schema.String)
})

/** A job as the API shows it. */
export const Job = Schema.Struct({
  id: JobId,
  type: Name,
  status: JobStatus,
  parameters: JsonValue,
  constraints: Schema.Array(Constraint),
  priority: Schema.Int,
  tags: Schema.Array(Schema.String),
  project: Schema.NullOr(ProjectId),
  fairnessKey: Schema.NullOr(Schema.String),
  createdBy: Schema.NullOr(Schema.String),
  schedule: Schema.NullOr(Name),
  createdAt: Timestamp,
  runAt: Timestamp,
  startedAt: Schema.NullOr(Timestamp),
  finishedAt: Schema.NullOr(Timestamp),
  expiresIn: Schema.NullOr(DurationText),
  expiresAt: Schema.NullOr(Timestamp),
  assignee: Schema.NullOr(Name),
  attempt: Schema.NullOr(AttemptId),
  attempts: Schema.Int,
  maxAttempts: Schema.Int,
  losses: Schema.Int,
  lease: DurationText,
  maxRun: DurationText,
  progress: Schema.NullOr(Progress),
  result: JsonValue,
  error: JsonValue
}).annotate({ identifier: "Job" })
export type Job = typeof Job.Type

/** A job in the form in which it is sent: made as such, for jobs are sent by the thousand. */
export type JobJson = typeof Job.Encoded
