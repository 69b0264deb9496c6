/** `JobRepo.heldBy`: the jobs that a worker and its instances hold. */
import { Effect } from "effect"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import type { Database, DatabaseError } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { jobRows, jobsFrom } from "../rows.ts"

// Looks through the index on what runs, which has the assignee, and reads the jobs of those that are meant. The order is
// of no use but to the planner, which would otherwise look in any index on jobs while the table is empty.
const statement = `
  with held as materialized (
    select *
    from job
    where job.status = 'processing' and job.assignee is not null
      and (job.assignee = $1::text or split_part(job.assignee, '/', 1) = $1::text)
    order by job.type, job.fairness_key, job.assignee
    limit $2::int
  )
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("held")}`

export const heldBy = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  worker: string,
  limit: number
): Effect.fn.Return<ReadonlyArray<JobRecord>, DatabaseError> {
  return yield* groups.records(yield* database.query(jobRows, statement, [worker, limit]))
})
