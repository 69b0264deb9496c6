import { Effect, Schema } from "effect"
import { type JobFilter, largestAnswer, type Page } from "../../../domain/JobRepo.ts"
import type { JobRecord, JobStatus } from "../../../domain/Job.ts"
import { attemptColumns, jobColumns, jobFields } from "../columns.ts"
import { type Database, type DatabaseError, isKey, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { planFreely } from "../plannerSettings.ts"
import { AttemptRow, jobsFrom } from "../rows.ts"

// Spelled out in the statement and not a parameter, so that the index on the jobs of a status is seen to fit.
const isOf: { readonly [Status in JobStatus]: string } = {
  scheduled: "job.status = 'scheduled'",
  pending: "job.status = 'pending'",
  processing: "job.status = 'processing'",
  done: "job.status = 'done'",
  failed: "job.status = 'failed'",
  cancelled: "job.status = 'cancelled'"
}

const size = `(
  job.parameters_size + coalesce(octet_length(attempt.result::text), 0) + coalesce(octet_length(attempt.error::text), 0) +
  coalesce(octet_length(attempt.checkpoint::text), 0) + coalesce(octet_length(attempt.message), 0)
)`

const listFields = { found: Schema.Number, ...jobFields }
const listRows = rowsOf(
  Schema.Union([
    Schema.Struct({ ...listFields, ...AttemptRow.fields }),
    Schema.Struct({ ...listFields, attempt_id: Schema.Null })
  ])
)

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
  where(filter.type, (type) => `job.type = ${type}::text and job.type <> ''`)
  where(filter.project, (project) => `job.project = ${project}::uuid`)
  where(
    filter.assignee,
    (worker) => `job.assignee = ${worker}::text and job.status not in ('scheduled', 'pending')`
  )
  where(filter.tag, (tag) => `job.tags @> array[${tag}::text] and job.tags <> '{}'`)
  where(filter.before, (id) => `job.id < ${id}::uuid`)
  if (filter.status !== undefined) conditions.push(isOf[filter.status])
  parameters.push(filter.limit)
  const limit = `$${parameters.length}::int`
  // One more than asked for tells whether there is more.
  const text = `
    with following as materialized (
      select *
      from job
      ${conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`}
      order by job.id desc
      limit ${limit} + 1
    ), measured as (
      select
        job.*, count(*) over () as found, row_number() over newest_first as place,
        sum(${size}) over newest_first - ${size} as given_before
      from following as job
      left join attempt on ${isKey("attempt.id", "job.attempt")}
      window newest_first as (order by job.id desc)
    )
    select job.found::int as found, ${jobColumns}, ${attemptColumns}
    ${jobsFrom("measured")}
    where job.place <= ${limit} and job.given_before < ${largestAnswer.list}
    order by job.id desc`
  return { text, parameters }
}

export const list = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  filter: JobFilter
): Effect.fn.Return<Page<JobRecord>, DatabaseError> {
  const { parameters, text } = statement(filter)
  const rows = yield* database.transaction(
    Effect.andThen(database.run(planFreely), database.query(listRows, text, parameters))
  )
  return { items: yield* groups.records(rows), hasMore: rows.length < (rows[0]?.found ?? 0) }
})
