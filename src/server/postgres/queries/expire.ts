/** `JobRepo.expire`: fails unfinished jobs whose time is over. */
import { Effect } from "effect"
import type { Due } from "../../../domain/Due.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisUntil, now } from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import type { JobGroups } from "../JobGroups.ts"
import { jobRows, jobsFrom } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"

const isExpiring = "expires_at is not null and status in ('scheduled', 'pending', 'processing')"

const expired = `status = 'failed', reason = 'expired', finished_at = ${now}, version = job.version + 1`

// A job that changed while its lock was taken is left for the next time, for then its newest attempt may be one that this
// statement cannot see. Attempts are locked in the order of the jobs' ids, as everywhere.
const statement = `
  with candidate as materialized (
    select id, version
    from job
    where ${isExpiring} and expires_at <= ${now}
    order by expires_at
    limit $2::int
  ), due as materialized (
    select job.*
    from candidate
    cross join lateral (
      select * from job where job.id = candidate.id and job.version = candidate.version for update skip locked
    ) as job
  ), live as materialized (
    select attempt.id, due.version, due.type, due.project
    from due
    join attempt on ${isKey("attempt.id", "due.attempt")}
    where due.status = 'processing'
    order by due.id
    for update of attempt
  ), fenced as (
    update attempt
    set ended_at = ${now}, outcome = 'timed-out', ended_version = live.version + 1
    from live
    where ${isKey("attempt.id", "live.id")}
    returning attempt.*, live.type, live.project
  ), running as (
    update job
    set ${expired}
    from fenced as attempt
    left join job_payload on ${isKey("job_payload.job_id", "attempt.job_id")}
    where ${isKey("job.id", "attempt.job_id")}
    returning ${jobColumns}, ${attemptColumns}
  ), waiting as (
    update job
    set ${expired}
    from due
    where ${isKey("job.id", "due.id")} and due.status <> 'processing'
    returning job.*, due.status as before
  ), ${countedProjectFlows(`
    select type, project, 'processing' as before, 'failed' as after from fenced
    union all
    select type, project, before, status from waiting`)}
  select * from running
  union all
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("waiting")}
  order by expires_at, id`

const next = `select ${millisUntil("min(expires_at)")} as next from job where ${isExpiring}`

export const expire = Effect.fnUntraced(function* (
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
