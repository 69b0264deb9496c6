/** `JobRepo.overdue`: live attempts of which a clock has run out. */
import { Effect, Schema } from "effect"
import { clockRunOut } from "../../../domain/attempts/Attempt.ts"
import type { Overdue } from "../../../domain/attempts/AttemptEnd.ts"
import type { Due } from "../../../domain/Due.ts"
import { attemptColumns, jobColumns, jobFields } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisUntil, now, rowsOf } from "../Database.ts"
import { toNext, nextRows } from "../due.ts"
import type { JobGroups } from "../JobGroups.ts"
import { uuids } from "../parameters.ts"
import { AttemptRow, toTime } from "../rows.ts"
import { earliestClock } from "./earliestClock.ts"

const overdueRows = rowsOf(Schema.Struct({ now: Schema.Date, ...jobFields, ...AttemptRow.fields }))

// A running job is looked at when the earliest of the clocks of its attempt could have run out. Signs of life do not move
// that time, so that they touch no index; it is moved here, when it comes and the attempt turns out to be well. Both are
// locked, for a cancellation sets a new clock.
const statement = `
  with due as materialized (
    select attempt.*, ${earliestClock} as overdue_at
    from job
    join attempt on ${isKey("attempt.id", "job.attempt")}
    where job.status = 'processing' and job.check_at <= ${now}
    order by job.check_at
    limit $2::int
    for update skip locked
  ), moved as (
    update job
    set check_at = due.overdue_at
    from due
    where ${isKey("job.id", "due.job_id")} and due.overdue_at > ${now}
  )
  select ${now} as now, ${jobColumns}, ${attemptColumns}
  from due as attempt
  join job on ${isKey("job.id", "attempt.job_id")}
  left join job_payload on ${isKey("job_payload.job_id", "job.id")}
  where attempt.overdue_at <= ${now}
  order by attempt.overdue_at, attempt.id`

const next = `
  select ${millisUntil("check_at")} as next
  from job
  where status = 'processing' and check_at is not null and id <> all ($2::uuid[])
  order by check_at
  limit 1`

export const overdue = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  limit: number
): Effect.fn.Return<Due<Overdue>, DatabaseError> {
  const rows = yield* database.queryAtTime(overdueRows, statement, [limit])
  const jobs = yield* groups.records(rows)
  const done = jobs.flatMap((job, index) => {
    const time = rows[index]?.now
    const clock = job.attempt === null || time === undefined ? null : clockRunOut(job.attempt, toTime(time))
    return clock === null ? [] : [{ job, clock }]
  })
  const found = uuids(rows.map((row) => row.id))
  return { done, next: toNext(yield* database.queryAtTime(nextRows, next, [found])) }
})
