/** Schedules as rows, and the records that are made of them. */
import { Schema } from "effect"
import { JobId } from "../../domain/Identifiers.ts"
import { type ScheduleRecord, ScheduleRules } from "../../domain/schedules/Schedule.ts"
import { toNullableTime, toTime } from "./rows.ts"

export const ScheduleRow = Schema.Struct({
  name: Schema.String,
  version: Schema.Number,
  rules: ScheduleRules,
  next_tick: Schema.NullOr(Schema.Date),
  last_tick: Schema.NullOr(Schema.Date),
  last_job: Schema.NullOr(JobId),
  created_at: Schema.Date,
  changed_at: Schema.Date,
  changed_by: Schema.NullOr(Schema.String)
})

export const scheduleColumns = `
  schedule.name, schedule.version::float8 as version, schedule.rules, schedule.next_tick, schedule.last_tick,
  schedule.last_job, schedule.created_at, schedule.changed_at, schedule.changed_by`

export const encodeRules = Schema.encodeEffect(Schema.fromJsonString(ScheduleRules))

export const toScheduleRecord = (row: typeof ScheduleRow.Type): ScheduleRecord => ({
  name: row.name,
  rules: row.rules,
  version: row.version,
  nextTick: toNullableTime(row.next_tick),
  lastTick: toNullableTime(row.last_tick),
  lastJob: row.last_job,
  createdAt: toTime(row.created_at),
  changedAt: toTime(row.changed_at),
  changedBy: row.changed_by
})
