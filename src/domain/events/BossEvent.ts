/** What the boss tells its supervisors: one event for each thing that happens, each of bounded size. */
import { Schema } from "effect"
import { NearestMiss, ToldConstraint } from "../explaining/Ability.ts"
import { DurationText } from "../Duration.ts"
import { StatusCounts } from "../stats/Flow.ts"
import { AttemptId, JobId, Name, ProjectId } from "../Identifiers.ts"
import { Timestamp } from "../Timestamp.ts"
import { WorkerState } from "../workers/Worker.ts"

/** Reasons and messages in events are cut to this many characters. */
export const longestText = 500

/** A text for people, of at most `longestText` characters. */
export const shorten = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText - 1).toWellFormed()}…`

const ofJob = { job: JobId, type: Name, project: Schema.NullOr(ProjectId) }
const ofAttempt = { ...ofJob, worker: Name, attempt: AttemptId, attemptNumber: Schema.Int }
/** Of an attempt, or of a job that was waiting. */
const ofJobOrAttempt = {
  ...ofJob,
  worker: Schema.NullOr(Name),
  attempt: Schema.NullOr(AttemptId),
  attemptNumber: Schema.NullOr(Schema.Int)
}
/** Null where nothing was said. */
const reason = Schema.NullOr(Schema.String)
/** Who decided it; null for the boss itself, and for somebody without a name. */
const by = Schema.NullOr(Schema.String)
const ofWorker = {
  worker: Name,
  state: Schema.optionalKey(WorkerState),
  reason: Schema.optionalKey(reason),
  type: Schema.optionalKey(Name),
  until: Schema.optionalKey(Timestamp),
  by: Schema.optionalKey(by)
}

const named = <const EventName extends string, Fields extends Schema.Struct.Fields>(
  event: EventName,
  fields: Fields
) => Schema.Struct({ event: Schema.Literal(event), at: Timestamp, ...fields })

/** What happened, when, to whom and why. Errors are told in short; in full they are kept with the attempt. */
export const BossEvent = Schema.Union([
  named("job.created", { ...ofJob, runAt: Timestamp }),
  named("job.assigned", ofAttempt),
  /** The first sign of life of the attempt. */
  named("job.started", ofAttempt),
  named("job.progress", {
    ...ofAttempt,
    percent: Schema.NullOr(Schema.Finite),
    message: Schema.NullOr(Schema.String)
  }),
  /** It will be tried again, after a failure or a loss, or because somebody said so. */
  named("job.retrying", { ...ofJobOrAttempt, nextRunAt: Timestamp, reason, by }),
  named("job.done", ofAttempt),
  named("job.failed", { ...ofJobOrAttempt, reason }),
  named("job.cancelled", { ...ofJobOrAttempt, reason, by }),
  /**
   * Due since `runAt`, and no worker has claimed it. `able` live workers could take it, or `atLeast` so many where there are
   * too many to be looked at. If none can, `reason` says why not, and, if constraints are the reason, `nearest` says which of
   * them rejects most workers, and who comes nearest to it.
   */
  named("job.unclaimed", {
    ...ofJob,
    runAt: Timestamp,
    able: Schema.Int,
    atLeast: Schema.Boolean,
    reason,
    nearest: Schema.NullOr(NearestMiss)
  }),
  /** Pending since `runAt`, which is `after` ago: these constraints, at most eight of them, have become wishes. */
  named("job.relaxed", {
    ...ofJob,
    runAt: Timestamp,
    after: DurationText,
    constraints: Schema.Array(ToldConstraint)
  }),
  named("attempt.lost", { ...ofAttempt, reason }),
  named("attempt.timed-out", { ...ofAttempt, reason }),
  named("attempt.released", { ...ofAttempt, reason }),
  /** A report on it came after it was over, and was refused. */
  named("attempt.fenced", { ...ofAttempt, reason }),
  named("worker.seen", ofWorker),
  named("worker.gone", ofWorker),
  named("worker.quarantined", ofWorker),
  named("worker.state", ofWorker),
  /** `fields` are those of which the policy says something else than before, or no longer says anything. */
  named("policy.changed", { type: Name, fields: Schema.Array(Schema.String), by }),
  /** Closed, and all its jobs are finished; `counts` are of its jobs by status. */
  named("project.finished", { project: ProjectId, name: Schema.String, counts: StatusCounts }),
  named("type.paused", { type: Name, paused: Schema.Boolean, by }),
  /** It created a job: at a tick, perhaps a late one, or because somebody said so, which is no tick. */
  named("schedule.fired", {
    schedule: Name,
    ...ofJob,
    tick: Schema.NullOr(Timestamp),
    late: Schema.Boolean,
    by
  }),
  /** The ticks from the first to the last get no job: an earlier one is unfinished, or nobody fired them in time. */
  named("schedule.skipped", {
    schedule: Name,
    type: Name,
    from: Timestamp,
    until: Timestamp,
    reason: Schema.Literals(["overlap", "missed"])
  })
]).annotate({ identifier: "BossEvent" })
export type BossEvent = typeof BossEvent.Type

/** An event in the form in which it is sent. */
export type BossEventJson = typeof BossEvent.Encoded

type WithoutTime<Event> = Event extends BossEventJson ? Omit<Event, "at"> : never

/** An event as it is told: the time at which it is told is its time. */
export type NewEvent = WithoutTime<BossEventJson>

/** The names of all events. */
export const eventNames: ReadonlyArray<string> = BossEvent.members.map(({ fields }) => fields.event.literal)
