/** `CountsRepo.flows`: the counts of jobs by type and by the statuses that they went between. */
import { Schema } from "effect"
import { JobStatus } from "../../../domain/jobs/Job.ts"
import { type Database, rowsOf } from "../Database.ts"

const flowRows = rowsOf(
  Schema.Struct({
    type: Schema.NullOr(Schema.String),
    before: Schema.NullOr(JobStatus),
    after: Schema.NullOr(JobStatus),
    count: Schema.Number
  })
)

// One statement, so that what is being rolled up is seen in one of the two tables.
const statement = `
  with flow as (
    select type, before, after, sum(count) as count
    from (
      select type, before, after, count from job_flow
      union all
      select type, before, after, count from job_flow_delta
    ) as part
    group by type, before, after
  ), weighed as (
    select *, sum(count) over (partition by type) as weight from flow
  ), placed as (
    select *, dense_rank() over (order by weight desc, type collate "C") as place from weighed
  ), told as (
    select case when place <= $1::int then type end as type, before, after, count, place from placed
  )
  select type, nullif(before, '') as before, nullif(after, '') as after, sum(count)::float8 as count
  from told
  group by type, before, after
  order by min(place), before, after`

export const flows = (database: Database, mostTypes: number) =>
  database.query(flowRows, statement, [mostTypes])
