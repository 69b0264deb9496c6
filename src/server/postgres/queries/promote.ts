/** `JobRepo.promote`: makes scheduled jobs pending whose time has come. */
import { Effect } from "effect"
import type { Due } from "../../../domain/Due.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisUntil, now } from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import type { JobGroups } from "../JobGroups.ts"
import { jobRows, jobsFrom } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"

const statement = `
  with due as materialized (
    select id
    from job
    where status = 'scheduled' and run_at <= ${now}
    order by run_at
    limit $2::int
    for update skip locked
  ), promoted as (
    update job
    set status = 'pending', version = job.version + 1
    from due
    where ${isKey("job.id", "due.id")}
    returning job.*
  ), ${countedProjectFlows("select type, project, 'scheduled' as before, status as after from promoted")}
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("promoted")}
  order by job.run_at, job.id`

const next = `select ${millisUntil("min(run_at)")} as next from job where status = 'scheduled'`

export const promote = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  limit: number
): Effect.fn.Return<Due<JobRecord>, DatabaseError> {
  const rows = yield* database.queryAtTime(jobRows, statement, [limit])
  return {
    done: yield* groups.records(rows),
    next: toNext(yield* database.queryAtTime(nextRows, next))
  }
})
