/** `CountsRepo.oldestPending`: the oldest pending job of each type. */
import { Effect, Schema } from "effect"
import { type Database, isKey, rowsOf } from "../Database.ts"
import { texts } from "../parameters.ts"
import { toTime } from "../rows.ts"

const oldestRows = rowsOf(Schema.Struct({ type: Schema.String, run_at: Schema.Date }))

// Leaps from group to group through the index, as `pendingGroups` does, to the first job of each.
const statement = `
  with recursive pending (group_id, run_at) as (
    (select group_id, run_at from job where status = 'pending' order by group_id, run_at limit 1)
    union all
    select following.group_id, following.run_at
    from pending
    cross join lateral (
      select job.group_id, job.run_at
      from job
      where job.status = 'pending' and job.group_id > pending.group_id
      order by job.group_id, job.run_at
      limit 1
    ) as following
  )
  select job_group.type, min(pending.run_at) as run_at
  from pending
  join job_group on ${isKey("job_group.id", "pending.group_id")}
  where job_group.type = any ($1::text[])
  group by job_group.type`

export const oldestPending = (database: Database, types: ReadonlyArray<string>) =>
  Effect.map(database.query(oldestRows, statement, [texts(types)]), (rows) =>
    rows.map((row) => ({ type: row.type, runAt: toTime(row.run_at) }))
  )
