/** `JobRepo.retry`: makes failed and cancelled jobs pending again. */
import { Effect } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisecond, now } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { uuids } from "../parameters.ts"
import { jobRows, jobsFrom } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"
import { lockJobs } from "./lockJobs.ts"

// Their projects are locked whether they are finished or not: somebody may be about to finish them, who must then see that
// a job is unfinished again.
const statement = `
  with found as materialized (
    select id, type, version, status, finished_at, reason, cancel_request, project
    from job
    where id = any($2::uuid[]) and status in ('failed', 'cancelled')
  ), undone as (
    insert into job_retry (job_id, version, at, status, finished_at, reason, cancel_request)
    select id, version + 1, ${now}, status, finished_at, reason, cancel_request from found
  ), locked_project as materialized (
    select project.id, project.finished_at
    from (select distinct project as id from found where project is not null order by 1) as named
    cross join lateral (
      select id, finished_at from project where ${isKey("project.id", "named.id")} for no key update
    ) as project
  ), reopened as (
    update project
    set
      finished_at = null, kept_until = null, done = null, failed = null, cancelled = null, cancel_request = null
    from locked_project
    where locked_project.finished_at is not null and ${isKey("project.id", "locked_project.id")}
  ), retried as (
    update job
    set
      status = 'pending', version = found.version + 1, run_at = ${now}, started_at = null, finished_at = null,
      reason = null, cancel_request = null, attempts = 0, failures = 0, losses = 0,
      expires_at = ${now} + job.expires_in * ${millisecond}
    from found
    where ${isKey("job.id", "found.id")}
    returning job.*
  ), ${countedProjectFlows("select type, project, status as before, 'pending' as after from found")}
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("retried")}`

export const retry = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<JobId>
): Effect.fn.Return<ReadonlyArray<JobRecord | null>, DatabaseError> {
  if (batch.length === 0) return []
  const rows = yield* database.transaction(
    Effect.andThen(lockJobs(database, batch), database.queryAtTime(jobRows, statement, [uuids(batch)]))
  )
  const found = new Map((yield* groups.records(rows)).map((job) => [job.id, job]))
  return batch.map((id) => {
    const job = found.get(id) ?? null
    // Only the first of several wishes finds it failed.
    found.delete(id)
    return job
  })
})
