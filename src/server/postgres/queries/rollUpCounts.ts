import { Effect, Schema } from "effect"
import { type Database, rowsOf } from "../Database.ts"

const countRows = rowsOf(Schema.Struct({ count: Schema.Number }))

/** Any number will do, as long as all servers lock the same one. */
const lock = 7_266_229_018

// One server at a time: a second one would only wait for the first, and then find nothing left of what it saw.
const statement = `
  with taken as (
    delete from job_flow_delta
    where (select pg_try_advisory_xact_lock($1))
      and ctid = any (array(select ctid from job_flow_delta limit $2::int))
    returning type, before, after, count
  ), rolled as (
    insert into job_flow (type, before, after, count)
    select type, before, after, sum(count)::bigint from taken group by type, before, after
    on conflict (type, before, after) do update set count = job_flow.count + excluded.count
  )
  select count(*)::float8 as count from taken`

export const rollUpCounts = (database: Database, limit: number) =>
  Effect.map(database.query(countRows, statement, [lock, limit]), ([row]) => row?.count ?? 0)
