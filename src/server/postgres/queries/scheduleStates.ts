/** `ScheduleRepo.find` and `due`: schedules with what their next tick depends on. */
import { Array as Arr, Effect, Schema } from "effect"
import { JobId } from "../../../domain/Identifiers.ts"
import type { Due } from "../../../domain/Due.ts"
import { mostUnfinished, type ScheduleState } from "../../../domain/schedules/ScheduleRepo.ts"
import { type Database, type DatabaseError, isKey, millisUntil, now, rowsOf } from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import { texts } from "../parameters.ts"
import { toTime } from "../rows.ts"
import { scheduleColumns, ScheduleRow, toScheduleRecord } from "../scheduleRows.ts"

const stateRows = rowsOf(
  Schema.Struct({
    ...ScheduleRow.fields,
    now: Schema.Date,
    job_ids: Schema.Array(JobId),
    job_types: Schema.Array(Schema.String)
  })
)

// In the order of their index, and not only of the ids: jobs in this order are many, and would be read to the end.
const unfinished = `
  from job
  where ${isKey("job.schedule", "schedule.name")} and job.status in ('scheduled', 'pending', 'processing')
    and schedule.rules ->> 'overlap' <> 'allow'
  order by job.schedule, job.id
  limit ${mostUnfinished}`

const columns = `
  ${scheduleColumns}, ${now} as now, array(select job.id ${unfinished}) as job_ids,
  array(select job.type ${unfinished}) as job_types`

const toState = (row: Effect.Success<ReturnType<typeof stateRows>>[number]): ScheduleState => ({
  schedule: toScheduleRecord(row),
  unfinished: Arr.zipWith(row.job_ids, row.job_types, (id, type) => ({ id, type })),
  now: toTime(row.now)
})

const isKnown = (zones: string) => `schedule.rules ->> 'timeZone' <> all (${zones}::text[])`

const byName = `select ${columns} from schedule where schedule.name = $2::text`

export const findSchedule = (
  database: Database,
  name: string
): Effect.Effect<ScheduleState | null, DatabaseError> =>
  Effect.map(database.queryAtTime(stateRows, byName, [name]), ([row]) =>
    row === undefined ? null : toState(row)
  )

// One that has thousands of ticks to catch up must not keep others from firing.
const whatIsDue = `
  with due as materialized (
    select name, fired_at, next_tick
    from schedule
    where next_tick <= ${now} and ${isKnown("$3")}
    order by fired_at nulls first, next_tick
    limit $2::int
  )
  select ${columns}
  from due
  join schedule on ${isKey("schedule.name", "due.name")}
  order by due.fired_at nulls first, due.next_tick`

const next = `select ${millisUntil("min(next_tick)")} as next from schedule where next_tick is not null and ${isKnown("$2")}`

export const dueSchedules = Effect.fnUntraced(function* (
  database: Database,
  limit: number,
  unknownZones: ReadonlySet<string>
): Effect.fn.Return<Due<ScheduleState>, DatabaseError> {
  const zones = texts([...unknownZones])
  const rows = yield* database.queryAtTime(stateRows, whatIsDue, [limit, zones])
  return { done: rows.map(toState), next: toNext(yield* database.queryAtTime(nextRows, next, [zones])) }
})
