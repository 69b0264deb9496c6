/** A job that is created again and again, by the clock. */
import { DateTime, Schema, Struct } from "effect"
import { JobId, Name } from "../Identifiers.ts"
import { NewJob } from "../jobs/Job.ts"
import { isShortAsJson } from "../Json.ts"
import { faultOf, isKnownZone, ticksAfter } from "./Ticks.ts"
import { Timestamp } from "../Timestamp.ts"

/** The most characters that the job of a schedule may have as JSON, for every tick stores it anew. */
const largestScheduledJob = 65_536

/** How many of the coming ticks are shown. */
const ticksShown = 5

/** Five fields, or six with seconds, as in `30 4 * * mon-fri`. */
const CronText = Schema.String.check(
  Schema.isMaxLength(500, { message: "must have at most 500 characters" }),
  Schema.makeFilter((text) => faultOf(text) ?? undefined)
)

const TimeZoneName = Schema.String.check(
  Schema.makeFilter(
    (text) =>
      // An offset is taken for a zone, too, but has no daylight saving and is more often a mistake.
      (/^[A-Za-z]/.test(text) && isKnownZone(text)) || "must be a time zone that exists, as in Europe/Berlin"
  )
)

/** A job as a client sends it, without a time of its own, and without a project, which may be closed before a tick comes. */
const ScheduledJob = Schema.Struct(Struct.omit(NewJob.fields, ["runAt", "delay", "project"]))
  .check(isShortAsJson(largestScheduledJob))
  .annotate({ identifier: "ScheduledJob" })

/**
 * What becomes of a tick while earlier jobs of the schedule are unfinished: it gets a job all the same, it gets none, or its
 * job replaces the earlier ones, which are cancelled.
 */
const Overlap = Schema.Literals(["allow", "skip", "replace"])

/** Which of the ticks that nobody fired in time get a job after all: none, the last of them, or all. */
const CatchUp = Schema.Literals(["none", "last", "all"])

/** What a client sends. What is not given is as in `unsaid`. */
export const NewSchedule = Schema.Struct({
  cron: CronText,
  timeZone: Schema.optionalKey(TimeZoneName),
  job: ScheduledJob,
  overlap: Schema.optionalKey(Overlap),
  catchUp: Schema.optionalKey(CatchUp),
  paused: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "NewSchedule" })
export type NewSchedule = typeof NewSchedule.Type

/** All that is said of a schedule. */
export const ScheduleRules = Schema.Struct({
  cron: CronText,
  /** Known to the server that was told of it, and perhaps not to one that reads it. */
  timeZone: Schema.String,
  job: ScheduledJob,
  overlap: Overlap,
  catchUp: CatchUp,
  paused: Schema.Boolean
})
export type ScheduleRules = typeof ScheduleRules.Type

/** As with the cron of an operating system. */
const unsaid = { timeZone: "UTC", overlap: "allow", catchUp: "none", paused: false } as const

/** The rules that a client means. */
export const toRules = (wish: NewSchedule): ScheduleRules => ({ ...unsaid, ...wish })

/** What the boss keeps of a schedule. */
export interface ScheduleRecord {
  readonly name: string
  readonly rules: ScheduleRules
  /** Another one after every change and every firing, and never the same again. */
  readonly version: number
  /** The first tick that was not yet seen to; null while the schedule is paused. */
  readonly nextTick: DateTime.Utc | null
  /** The last tick that was seen to, whether it got a job or not. */
  readonly lastTick: DateTime.Utc | null
  /** The last job that was created, by a tick or by hand. */
  readonly lastJob: JobId | null
  readonly createdAt: DateTime.Utc
  readonly changedAt: DateTime.Utc
  /** Who said last what the schedule is to be; null for somebody without a name. */
  readonly changedBy: string | null
}

/** A schedule as the API shows it. */
export const Schedule = Schema.Struct({
  name: Name,
  ...ScheduleRules.fields,
  nextTicks: Schema.Array(Timestamp),
  lastTick: Schema.NullOr(Timestamp),
  lastJob: Schema.NullOr(JobId),
  createdAt: Timestamp,
  changedAt: Timestamp,
  changedBy: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Schedule" })
export type Schedule = typeof Schedule.Type

/** The schedule as the API shows it. Of ticks in a zone that is not known here only the first is known. */
export const toSchedule = (record: ScheduleRecord): Schedule => {
  const { changedAt, changedBy, createdAt, lastJob, lastTick, name, nextTick, rules } = record
  const following = isKnownZone(rules.timeZone) ? ticksShown - 1 : 0
  const nextTicks = nextTick === null ? [] : [nextTick, ...ticksAfter(rules, nextTick, following)]
  return { name, ...rules, nextTicks, lastTick, lastJob, createdAt, changedAt, changedBy }
}

/**
 * The next tick of a schedule that is told to be so from now on. One that fires at the same times as before still owes the
 * ticks that nobody has fired. Ticks in a pause are owed to nobody, and no tick comes twice.
 */
export const nextTickOf = (
  rules: ScheduleRules,
  before: ScheduleRecord | null,
  now: DateTime.Utc
): DateTime.Utc | null => {
  if (rules.paused) return null
  const isAsBefore = before?.rules.cron === rules.cron && before.rules.timeZone === rules.timeZone
  if (isAsBefore && before.nextTick !== null) return before.nextTick
  const [next = null] = ticksAfter(rules, DateTime.max(now, before?.lastTick ?? now), 1)
  return next
}
