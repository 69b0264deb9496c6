/** `JobRepo.pendingGroups`: the groups that have pending jobs. */
import { Effect, Schema } from "effect"
import type { JobGroup } from "../../../domain/matching/Matching.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"

const rowsWithId = rowsOf(Schema.Struct({ id: Schema.Number }))

// Leaps from group to group through the index, whatever the number of jobs in each.
const statement = `
  with recursive pending (group_id) as (
    (select group_id from job where status = 'pending' order by group_id limit 1)
    union all
    select (
      select job.group_id
      from job
      where job.status = 'pending' and job.group_id > pending.group_id
      order by job.group_id
      limit 1
    )
    from pending
    where pending.group_id is not null
  )
  select group_id::float8 as id from pending where group_id is not null`

export const pendingGroups = (
  database: Database,
  groups: JobGroups
): Effect.Effect<ReadonlyArray<JobGroup>, DatabaseError> =>
  Effect.flatMap(database.query(rowsWithId, statement), (rows) => groups.withIds(rows.map(({ id }) => id)))
