/** One try at a job by one worker, and how it ends. */
import { DateTime, Duration, Schema, Struct } from "effect"
import { DurationText } from "../Duration.ts"
import { AttemptId, JobId, Name } from "../Identifiers.ts"
import { JsonValue } from "../Json.ts"
import { Timestamp } from "../Timestamp.ts"

/** How an attempt ended. */
export const Outcome = Schema.Literals(["done", "failed", "lost", "timed-out", "cancelled", "released"])
export type Outcome = typeof Outcome.Type

/** Somebody who might have got a job instead, and how well it would have suited. */
export const RunnerUp = Schema.Struct({ worker: Name, score: Schema.Finite })
export type RunnerUp = typeof RunnerUp.Type

/** What the boss remembers of an attempt. */
export const AttemptRecord = Schema.Struct({
  id: AttemptId,
  job: JobId,
  /** 1 for the first attempt since the job was created or retried by hand. */
  number: Schema.Int,
  worker: Name,
  /** How well the worker suited the job, see `Score`; null of attempts from before that was kept. */
  score: Schema.NullOr(Schema.Finite),
  runnersUp: Schema.Array(RunnerUp),
  startedAt: Schema.DateTimeUtc,
  endedAt: Schema.NullOr(Schema.DateTimeUtc),
  outcome: Schema.NullOr(Outcome),
  lease: Schema.Duration,
  leaseExpiresAt: Schema.DateTimeUtc,
  /** When the worker must have given a first sign of life, while it has not. */
  pickupBy: Schema.NullOr(Schema.DateTimeUtc),
  /** When the worker gave its first sign of life: a heartbeat or progress. */
  firstSignAt: Schema.NullOr(Schema.DateTimeUtc),
  maxRun: Schema.Duration,
  runUntil: Schema.DateTimeUtc,
  /** When the attempt is fenced off because its job is to be cancelled. */
  cancelAt: Schema.NullOr(Schema.DateTimeUtc),
  /** The high-water mark: the id of the last progress event that is stored. */
  mark: Schema.Int,
  percent: Schema.NullOr(Schema.Finite),
  message: Schema.NullOr(Schema.String),
  checkpoint: JsonValue,
  result: JsonValue,
  error: JsonValue,
  /** When the job was due again, if the attempt's end led to a next one. */
  nextRunAt: Schema.NullOr(Schema.DateTimeUtc),
  /** The versions of the job that this attempt's beginning and end made. */
  startedVersion: Schema.Int,
  endedVersion: Schema.NullOr(Schema.Int)
})
export type AttemptRecord = typeof AttemptRecord.Type

/** An attempt, and the worker that says it holds it. */
export interface Holding {
  readonly job: JobId
  readonly attempt: AttemptId
  readonly worker: string
}

/** What is told of an attempt beside a job that changed. */
export const ChangedAttempt = Schema.Struct(
  Struct.pick(AttemptRecord.fields, [
    "id",
    "number",
    "worker",
    "startedAt",
    "endedAt",
    "outcome",
    "leaseExpiresAt",
    "pickupBy",
    "runUntil",
    "cancelAt",
    "endedVersion"
  ])
)

/** Whether the worker itself said how its attempt ended. A release that has an error was the boss's doing. */
export const wasReported = ({ error, outcome }: AttemptRecord): boolean =>
  outcome === "done" || outcome === "failed" || (outcome === "released" && error === null)

/** The clocks that can end an attempt, in the order in which they are blamed when several have run out. */
export type AttemptClock = "cancelGrace" | "maxRun" | "pickup" | "lease"

/** Which clock of a live attempt has run out at `now`, or null while none has. */
export const clockRunOut = (attempt: AttemptRecord, now: DateTime.Utc): AttemptClock | null => {
  const isOver = (end: DateTime.Utc | null) => end !== null && DateTime.isLessThanOrEqualTo(end, now)
  if (isOver(attempt.cancelAt)) return "cancelGrace"
  if (isOver(attempt.runUntil)) return "maxRun"
  if (isOver(attempt.pickupBy)) return "pickup"
  return isOver(attempt.leaseExpiresAt) ? "lease" : null
}

/** The lease of a new attempt: the worker's wish, else the job's, else the policy's; never longer than `maxRun`. */
export const leaseOf = (wishes: {
  readonly worker: Duration.Duration | null
  readonly job: Duration.Duration | null
  readonly policy: Duration.Duration
  readonly maxRun: Duration.Duration
}): Duration.Duration => Duration.min(wishes.worker ?? wishes.job ?? wishes.policy, wishes.maxRun)

/** An attempt as the API shows it. */
export const Attempt = Schema.Struct({
  id: AttemptId,
  number: Schema.Int,
  worker: Name,
  startedAt: Timestamp,
  endedAt: Schema.NullOr(Timestamp),
  outcome: Schema.NullOr(Outcome),
  lease: DurationText,
  leaseExpiresAt: Timestamp,
  error: JsonValue,
  score: Schema.NullOr(Schema.Finite),
  runnersUp: Schema.Array(RunnerUp)
})
export type Attempt = typeof Attempt.Type

/** The attempt as the API shows it. */
export const toAttempt = (record: AttemptRecord): Attempt => ({
  id: record.id,
  number: record.number,
  worker: record.worker,
  startedAt: record.startedAt,
  endedAt: record.endedAt,
  outcome: record.outcome,
  lease: record.lease,
  leaseExpiresAt: record.leaseExpiresAt,
  error: record.error,
  score: record.score,
  runnersUp: record.runnersUp
})
