/** Workers as the supervisor knows them: what they can do, what they have done, and what they are kept from. */
import { Duration, Schema } from "effect"
import { DurationText } from "../Duration.ts"
import { AttemptId, JobId, Name } from "../Identifiers.ts"
import { Acceptance } from "../matching/Acceptance.ts"
import { Skills } from "../matching/Constraint.ts"
import { Timestamp } from "../Timestamp.ts"

/** `paused` workers get no jobs and finish what they hold; `banned` ones lose that at once. */
export const WorkerState = Schema.Literals(["active", "paused", "banned"])
export type WorkerState = typeof WorkerState.Type

/** What a worker has made of the jobs of a type. The median is that of its last runs, of at most `recentRuns`. */
export const TypeRecord = Schema.Struct({
  type: Name,
  done: Schema.Int,
  failed: Schema.Int,
  lost: Schema.Int,
  medianRun: Schema.NullOr(DurationText)
})
export type TypeRecord = typeof TypeRecord.Type

/** For how many runs of a worker and type it is remembered how long they took. */
export const recentRuns = 32

/** The middle one of lengths of time, or the shorter of the two in the middle; null of none. */
export const medianOf = (runs: ReadonlyArray<Duration.Duration>): Duration.Duration | null =>
  runs.toSorted(Duration.Order)[Math.floor((runs.length - 1) / 2)] ?? null

/** An attempt that a worker holds. */
export const RunningAttempt = Schema.Struct({
  job: JobId,
  attempt: AttemptId,
  type: Name,
  startedAt: Timestamp,
  leaseExpiresAt: Timestamp
})
export type RunningAttempt = typeof RunningAttempt.Type

/** All that is known of a worker. */
export const Worker = Schema.Struct({
  name: Name,
  state: WorkerState,
  /** Why the supervisor put it into this state, in the supervisor's words. */
  reason: Schema.NullOr(Schema.String),
  changedBy: Schema.NullOr(Name),
  firstSeenAt: Timestamp,
  lastSeenAt: Schema.NullOr(Timestamp),
  /** Whether it was heard of lately, or holds a job. */
  present: Schema.Boolean,
  /** The types that it last asked for; none means any. */
  types: Schema.Array(Schema.String),
  skills: Skills,
  /** What it last demanded of its jobs. */
  accepts: Schema.Array(Acceptance),
  running: Schema.Array(RunningAttempt),
  record: Schema.Array(TypeRecord),
  quarantines: Schema.Array(Schema.Struct({ type: Name, until: Timestamp }))
}).annotate({ identifier: "Worker" })
export type Worker = typeof Worker.Type

/** A worker counts as gone when nothing was heard of it for this long and it holds no job. */
export const goneAfter = Duration.seconds(60)

/** How long after it is gone a worker is forgotten, unless it is paused or banned. */
export const forgottenAfter = Duration.days(30)
