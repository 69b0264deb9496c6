/** `JobRepo.list`: jobs, the newest first. */
import { Effect, Schema } from "effect"
import type { JobFilter } from "../../../domain/jobs/JobConditions.ts"
import { largestAnswer, type Page } from "../../../domain/Page.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns, jobFields } from "../columns.ts"
import { type Database, type DatabaseError, isKey, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { planFreely } from "../plannerSettings.ts"
import { AttemptRow, jobsFrom } from "../rows.ts"
import { sqlConditions, whereAll } from "./jobConditions.ts"

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

const statement = (filter: JobFilter) => {
  const { indexed, others, parameters } = sqlConditions(filter)
  const limit = `$${parameters.length + 1}::int`
  // One more than asked for tells whether there is more.
  const text = `
    with following as materialized (
      select *
      from job
      ${whereAll([...indexed, ...others])}
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
  return { text, parameters: [...parameters, filter.limit] }
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
