/** `CountsRepo.rollUp`: adds up the notes of what happened to jobs. */
import { Effect, Schema } from "effect"
import { type Database, isKey, rowsOf } from "../Database.ts"
import { locks } from "../locks.ts"
import { projectCounts, sumsOfFlows } from "./projectCounts.ts"

const countRows = rowsOf(Schema.Struct({ count: Schema.Number }))

const sums = projectCounts.map((count) => `${count} = stored.${count} + excluded.${count}`).join(", ")

// One server at a time: a second one would only wait for the first, and then find nothing left of what it saw. Projects are
// kept from being deleted meanwhile, so that no counts are left of one that is gone.
const statement = `
  with taken as (
    delete from job_flow_delta
    where (select pg_try_advisory_xact_lock($1))
      and ctid = any (array(select ctid from job_flow_delta limit $2::int))
    returning type, project, before, after, count
  ), rolled as (
    insert into job_flow (type, before, after, count)
    select type, before, after, sum(count)::bigint from taken group by type, before, after
    on conflict (type, before, after) do update set count = job_flow.count + excluded.count
  ), of_project as materialized (
    select project, ${sumsOfFlows} from taken where project is not null group by project order by project
  ), rolled_projects as (
    insert into project_count as stored (project, ${projectCounts.join(", ")})
    select of_project.project, ${projectCounts.map((count) => `of_project.${count}`).join(", ")}
    from of_project
    cross join lateral (
      select from project where ${isKey("project.id", "of_project.project")} for key share
    ) as kept
    on conflict (project) do update set ${sums}
  )
  select count(*)::float8 as count from taken`

export const rollUpCounts = (database: Database, limit: number) =>
  Effect.map(database.query(countRows, statement, [locks.counts, limit]), ([row]) => row?.count ?? 0)
