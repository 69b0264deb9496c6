/** `JobRepo.unclaimed` and `relaxed`: pending jobs that have waited long enough. */
import { Array as Arr, Duration, Effect, Schema } from "effect"
import { JobId } from "../../../domain/Identifiers.ts"
import type { Due } from "../../../domain/Due.ts"
import type { Waited, WaitsOf } from "../../../domain/jobs/Waited.ts"
import { changedFields, columnsOf } from "../columns.ts"
import {
  type Database,
  type DatabaseError,
  isKey,
  millisecond,
  millisUntil,
  now,
  rowsOf
} from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import type { JobGroups } from "../JobGroups.ts"
import { locks } from "../locks.ts"
import { bigints, durations } from "../parameters.ts"
import { toChange } from "../rows.ts"
import { pendingGroups } from "./pendingGroups.ts"

const waitedRows = rowsOf(Schema.Struct({ ...changedFields, millis: Schema.Number }))

const waits = `
  waits as (
    select group_id, millis, millis * ${millisecond} as after
    from unnest($2::bigint[], $3::float8[]) as waits (group_id, millis)
  )`

// The jobs of a group are in the index by the time since when they are due, so by the time when they have waited for so
// long, too: only those between the mark and now are read.
const afterMark = (condition: string) => `
  job.status = 'pending' and job.group_id = waits.group_id ${condition}
    and (job.run_at, job.id) > (mark.at - waits.after, mark.job_id)`

// While a scheduled job is still to be made pending whose time has come, the mark stays before it: its own time may be over
// as soon as it is. Where all were found, the mark is set after any job of that moment.
const statementFor = (duty: string, condition: string) => `
  with ${waits}, mark as materialized (
    select at, job_id from duty_mark where name = '${duty}' for update
  ), horizon as materialized (
    select least(${now}, (select min(run_at) from job where status = 'scheduled')) as at
  ), due as materialized (
    select job.id, job.run_at + waits.after as at, waits.millis
    from mark
    cross join horizon
    cross join waits
    cross join lateral (
      select job.id, job.run_at
      from job
      where ${afterMark(condition)} and job.run_at <= horizon.at - waits.after
      order by job.run_at, job.id
      limit $4::int
    ) as job
    order by at, job.id
    limit $4::int
  ), told as (
    select horizon.at, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid as job_id
    from horizon, mark
    where (select count(*) from due) < $4::int and horizon.at >= mark.at
    union all
    (select at, id from due where (select count(*) from due) = $4::int order by at desc, id desc limit 1)
  ), marked as (
    update duty_mark set at = told.at, job_id = told.job_id from told where name = '${duty}'
  )
  select ${columnsOf(changedFields)}, due.millis
  from due
  join job on ${isKey("job.id", "due.id")}
  order by due.at, due.id`

const nextFor = (duty: string, condition: string) => `
  with ${waits}
  select ${millisUntil("min(job.run_at + waits.after)")} as next
  from (select at, job_id from duty_mark where name = '${duty}') as mark
  cross join waits
  cross join lateral (
    select job.run_at from job where ${afterMark(condition)} order by job.run_at, job.id limit 1
  ) as job`

/**
 * Finds pending jobs that have waited long enough, beyond the mark of a duty, which is then set after them. The groups are
 * read while nobody else moves the mark, which is so set after no job of a group that was not known yet.
 */
const finding = (duty: "unclaimed" | "relaxed", condition: string) => {
  const hold = `select pg_advisory_xact_lock(${locks[duty]})`
  const statement = statementFor(duty, condition)
  const next = nextFor(duty, condition)
  const find = Effect.fnUntraced(function* (
    database: Database,
    groups: JobGroups,
    waitsOf: WaitsOf,
    limit: number
  ): Effect.fn.Return<Due<Waited>, DatabaseError> {
    yield* database.run(hold)
    const wanted = (yield* pendingGroups(database, groups)).flatMap((group) =>
      waitsOf(group).map((after) => ({ group, after }))
    )
    if (wanted.length === 0) return { done: [], next: null }
    const parameters = [
      bigints(wanted.map(({ group }) => group.id)),
      durations(wanted.map(({ after }) => after))
    ]
    const rows = yield* database.queryAtTime(waitedRows, statement, [...parameters, limit])
    const found = yield* groups.withIds(rows.map((row) => row.group_id))
    return {
      done: Arr.zipWith(rows, found, (row, group) => ({
        job: { ...toChange(row, group), attempt: null },
        after: Duration.millis(row.millis)
      })),
      next: toNext(yield* database.queryAtTime(nextRows, next, parameters))
    }
  })
  return (database: Database, groups: JobGroups, waitsOf: WaitsOf, limit: number) =>
    database.transaction(find(database, groups, waitsOf, limit))
}

/** Jobs that are told of as unclaimed: no attempt has begun since they were created or retried. */
export const unclaimed = finding("unclaimed", "and job.attempts = 0")

/** Jobs of which a constraint is relaxed. */
export const relaxed = finding("relaxed", "")

const markRows = rowsOf(Schema.Struct({ at: Schema.Number, job_id: JobId }))
const holdRelaxed = `select pg_advisory_xact_lock_shared(${locks.relaxed})`
const relaxedUpTo = `
  select (extract(epoch from at) * 1000)::float8 as at, job_id from duty_mark where name = 'relaxed'`

/** Whether `relaxed` has come past a moment, in milliseconds since the epoch, of a job: as it is until the end of the transaction. */
export const pastRelaxed = Effect.fnUntraced(function* (
  database: Database
): Effect.fn.Return<(at: number, job: JobId) => boolean, DatabaseError> {
  yield* database.run(holdRelaxed)
  const [mark] = yield* database.query(markRows, relaxedUpTo)
  return (at, job) => mark !== undefined && (at < mark.at || (at === mark.at && job <= mark.job_id))
})
