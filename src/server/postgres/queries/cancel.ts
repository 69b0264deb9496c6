/** `JobRepo.cancel`: cancels jobs that wait, and gives running attempts a grace. */
import { Effect } from "effect"
import type { Cancellation } from "../../../domain/jobs/Cancellation.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisecond, now } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { durations, jsons, uuids } from "../parameters.ts"
import { jobRows, jobsFrom } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"
import { lockJobs } from "./lockJobs.ts"

const statement = `
  with wished as (
    select distinct on (job_id) job_id, grace, request
    from unnest($2::uuid[], $3::float8[], $4::text[]) with ordinality as item (job_id, grace, request, place)
    order by job_id, place
  ), asked as (
    update attempt
    set cancel_at = coalesce(attempt.cancel_at, ${now} + wished.grace * ${millisecond})
    from wished
    join job on ${isKey("job.id", "wished.job_id")}
    where job.status = 'processing' and ${isKey("attempt.id", "job.attempt")}
    returning attempt.*, wished.request
  ), running as (
    update job
    set
      cancel_request = coalesce(job.cancel_request, attempt.request::json),
      check_at = least(job.check_at, attempt.cancel_at)
    from asked as attempt
    left join job_payload on ${isKey("job_payload.job_id", "attempt.job_id")}
    where ${isKey("job.id", "attempt.job_id")}
    returning ${jobColumns}, ${attemptColumns}
  ), waiting as materialized (
    select job.id, job.type, job.project, job.status, wished.request
    from wished
    join job on ${isKey("job.id", "wished.job_id")}
    where job.status in ('scheduled', 'pending')
  ), cancelled as (
    update job
    set
      status = 'cancelled', reason = 'cancelled', cancel_request = waiting.request::json, finished_at = ${now},
      version = job.version + 1
    from waiting
    where ${isKey("job.id", "waiting.id")}
    returning job.*
  ), ${countedProjectFlows("select type, project, status as before, 'cancelled' as after from waiting")}
  select * from running
  union all
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("cancelled")}`

export const cancel = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<Cancellation>
): Effect.fn.Return<ReadonlyArray<JobRecord | null>, DatabaseError> {
  if (batch.length === 0) return []
  const ids = batch.map(({ job }) => job)
  const rows = yield* database.transaction(
    Effect.andThen(
      lockJobs(database, ids),
      database.queryAtTime(jobRows, statement, [
        uuids(ids),
        durations(batch.map(({ grace }) => grace)),
        jsons(batch.map(({ request }) => request))
      ])
    )
  )
  const found = new Map((yield* groups.records(rows)).map((job) => [job.id, job]))
  return ids.map((id) => {
    const job = found.get(id) ?? null
    // Only the first wish for a waiting job finds it unfinished.
    if (job?.status === "cancelled") found.delete(id)
    return job
  })
})
