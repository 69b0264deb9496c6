import { Array as Arr, Effect, Schema } from "effect"
import type { Due, Unclaimed } from "../../../domain/JobRepo.ts"
import type { ChangedJob } from "../../../domain/Job.ts"
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
import { bigints, durations } from "../parameters.ts"
import { toChange } from "../rows.ts"

const unclaimedRows = rowsOf(Schema.Struct(changedFields))

const patience = `
  patience as (
    select group_id, after * ${millisecond} as after
    from unnest($2::bigint[], $3::float8[]) as patience (group_id, after)
  )`

// The jobs of a group are in the index by the time since when they are due, so by the time when they have waited for too
// long, too: only those between the mark and now are read.
const afterMark = (mark: string) => `
  job.status = 'pending' and job.group_id = patience.group_id and job.attempts = 0
    and (job.run_at, job.id) > (${mark}.at - patience.after, ${mark}.job_id)`

// While a scheduled job is still to be made pending whose time has come, the mark stays before it: its own time may be over
// as soon as it is. Where all were told, the mark is set after any job of that moment.
const statement = `
  with ${patience}, mark as materialized (
    select at, job_id from duty_mark where name = 'unclaimed' for update
  ), horizon as materialized (
    select least(${now}, (select min(run_at) from job where status = 'scheduled')) as at
  ), due as materialized (
    select job.id, job.run_at + patience.after as at
    from mark
    cross join horizon
    cross join patience
    cross join lateral (
      select job.id, job.run_at
      from job
      where ${afterMark("mark")} and job.run_at <= horizon.at - patience.after
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
    update duty_mark set at = told.at, job_id = told.job_id from told where name = 'unclaimed'
  )
  select ${columnsOf(changedFields)}
  from due
  join job on ${isKey("job.id", "due.id")}
  order by due.at, due.id`

const next = `
  with ${patience}
  select ${millisUntil("min(job.run_at + patience.after)")} as next
  from (select at, job_id from duty_mark where name = 'unclaimed') as mark
  cross join patience
  cross join lateral (
    select job.run_at from job where ${afterMark("mark")} order by job.run_at, job.id limit 1
  ) as job`

export const unclaimed = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  patience: ReadonlyArray<Unclaimed>,
  limit: number
): Effect.fn.Return<Due<ChangedJob>, DatabaseError> {
  if (patience.length === 0) return { done: [], next: null }
  const parameters = [
    bigints(patience.map(({ group }) => group.id)),
    durations(patience.map(({ after }) => after))
  ]
  const rows = yield* database.queryAtTime(unclaimedRows, statement, [...parameters, limit])
  const found = yield* groups.withIds(rows.map((row) => row.group_id))
  return {
    // No attempt has begun since it was created or retried.
    done: Arr.zipWith(rows, found, (row, group) => ({ ...toChange(row, group), attempt: null })),
    next: toNext(yield* database.queryAtTime(nextRows, next, parameters))
  }
})
