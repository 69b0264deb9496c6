/** `ScheduleRepo.change`, `remove` and `list`: schedules as they are kept. */
import { type DateTime, Effect, Schema } from "effect"
import type { Page } from "../../../domain/Page.ts"
import type { ScheduleRecord } from "../../../domain/schedules/Schedule.ts"
import type { ScheduleChange } from "../../../domain/schedules/ScheduleRepo.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"
import { lockName } from "../locks.ts"
import { times } from "../parameters.ts"
import { toTime } from "../rows.ts"
import { encodeRules, scheduleColumns, ScheduleRow, toScheduleRecord } from "../scheduleRows.ts"

const scheduleRows = rowsOf(ScheduleRow)
const timeRows = rowsOf(Schema.Struct({ at: Schema.Date }))

const select = `select ${scheduleColumns} from schedule where name = $1::text`

const upsert = `
  insert into schedule (name, rules, next_tick, changed_by, created_at, changed_at)
  values ($2::text, $3::json, ($4::timestamptz[])[1], $5::text, ${now}, ${now})
  on conflict (name) do update set
    rules = excluded.rules, next_tick = excluded.next_tick, changed_by = excluded.changed_by,
    changed_at = excluded.changed_at, version = excluded.version
  returning ${scheduleColumns}`

/** One server at a time for each schedule, and none that fires it meanwhile: what a change makes of it depends on what it was. */
export const changeSchedule = (
  database: Database,
  name: string,
  by: string | null,
  change: (before: ScheduleRecord | null, now: DateTime.Utc) => ScheduleChange
): Effect.Effect<{ readonly before: ScheduleRecord | null; readonly after: ScheduleRecord }, DatabaseError> =>
  database.transaction(
    Effect.gen(function* () {
      yield* lockName(database, "schedule", name)
      const [stored] = yield* database.query(scheduleRows, `${select} for update`, [name])
      const [time] = yield* database.queryAtTime(timeRows, `select ${now} as at`)
      if (time === undefined) throw new Error("the database did not say what time it is")
      const before = stored === undefined ? null : toScheduleRecord(stored)
      const { nextTick, rules } = change(before, toTime(time.at))
      const parameters = [name, yield* encodeRules(rules), times([nextTick]), by]
      const [after] = yield* database.queryAtTime(scheduleRows, upsert, parameters)
      if (after === undefined) throw new Error("the database did not tell of a schedule that it stored")
      return { before, after: toScheduleRecord(after) }
    })
  )

const removedRows = rowsOf(Schema.Struct({ name: Schema.String }))

export const removeSchedule = (database: Database, name: string): Effect.Effect<boolean, DatabaseError> =>
  Effect.map(
    database.query(removedRows, "delete from schedule where name = $1::text returning name", [name]),
    (removed) => removed.length > 0
  )

// Nothing comes before the empty text.
const page = `
  select ${scheduleColumns} from schedule where name > $1::text order by name limit $2::int`

export const listSchedules = Effect.fnUntraced(function* (
  database: Database,
  after: string | null,
  limit: number
): Effect.fn.Return<Page<ScheduleRecord>, DatabaseError> {
  const rows = yield* database.query(scheduleRows, page, [after ?? "", limit + 1])
  return { items: rows.slice(0, limit).map(toScheduleRecord), hasMore: rows.length > limit }
})
