import { Effect } from "effect"
import type { JobFilter } from "../../../domain/JobRepo.ts"
import type { JobRecord, JobStatus } from "../../../domain/Job.ts"
import type { Database, DatabaseError } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { planFreely } from "../plannerSettings.ts"
import { attemptColumns, jobColumns, jobRows, jobsFrom } from "../rows.ts"

// Spelled out in the statement and not a parameter, so that the index on the jobs of a status is seen to fit.
const isOf: { readonly [Status in JobStatus]: string } = {
  scheduled: "job.status = 'scheduled'",
  pending: "job.status = 'pending'",
  processing: "job.status = 'processing'",
  done: "job.status = 'done'",
  failed: "job.status = 'failed'",
  cancelled: "job.status = 'cancelled'"
}

// Only the conditions that are asked for. How they are best met depends on how common the type, the tag or the worker is,
// so that this is planned each time.
const statement = (filter: JobFilter) => {
  const parameters: Array<unknown> = []
  const conditions: Array<string> = []
  const where = (value: string | undefined, condition: (parameter: string) => string) => {
    if (value === undefined) return
    parameters.push(value)
    conditions.push(condition(`$${parameters.length}`))
  }
  where(filter.type, (type) => `job.type = ${type}::text`)
  where(filter.project, (project) => `job.project = ${project}::uuid`)
  where(
    filter.assignee,
    (worker) => `job.assignee = ${worker}::text and job.status not in ('scheduled', 'pending')`
  )
  where(filter.tag, (tag) => `job.tags @> array[${tag}::text] and job.tags <> '{}'`)
  where(filter.before, (id) => `job.id < ${id}::uuid`)
  if (filter.status !== undefined) conditions.push(isOf[filter.status])
  parameters.push(filter.limit)
  const text = `
    select ${jobColumns}, ${attemptColumns}
    ${jobsFrom("job")}
    ${conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`}
    order by job.id desc
    limit $${parameters.length}::int`
  return { text, parameters }
}

export const list = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  filter: JobFilter
): Effect.fn.Return<ReadonlyArray<JobRecord>, DatabaseError> {
  const { parameters, text } = statement(filter)
  const rows = yield* database.transaction(
    Effect.andThen(database.run(planFreely), database.query(jobRows, text, parameters))
  )
  return yield* groups.records(rows)
})
