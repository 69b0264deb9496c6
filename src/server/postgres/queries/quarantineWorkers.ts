/** `WorkerRepo.quarantine`: puts workers into quarantine that have failed too often. */
import { Effect, Schema } from "effect"
import type { Quarantined, Suspicion } from "../../../domain/workers/WorkerRepo.ts"
import { type Database, type DatabaseError, millisecond, now, rowsOf } from "../Database.ts"
import { durations, integers, texts } from "../parameters.ts"
import { toTime } from "../rows.ts"

const quarantinedRows = rowsOf(
  Schema.Struct({ worker: Schema.String, type: Schema.String, until: Schema.Date })
)

// The time is compared together with the key, so that the planner cannot rather look for it in the index on the age of all
// failures. In the order of the key, so that two servers do not each hold what the other one needs.
const statement = `
  with item as (
    select *
    from unnest($2::text[], $3::text[], $4::int[], $5::float8[], $6::float8[])
      as item (worker, type, failures, within, length)
  ), guilty as materialized (
    select item.*
    from item
    cross join lateral (
      select count(*) as count
      from worker_failure
      where worker_failure.worker = item.worker and worker_failure.type = item.type
        and (worker_failure.worker, worker_failure.type, worker_failure.at) >
          (item.worker, item.type, ${now} - item.within * ${millisecond})
    ) as recent
    where recent.count >= item.failures
  ), quarantined as (
    insert into worker_quarantine as known (worker, type, until)
    select worker, type, ${now} + length * ${millisecond} from guilty order by worker, type
    on conflict (worker, type) do update set until = excluded.until where known.until <= ${now}
    returning worker, type, until
  ), forgotten as (
    delete from worker_failure
    using quarantined
    where worker_failure.worker = quarantined.worker and worker_failure.type = quarantined.type
  )
  select worker, type, until from quarantined`

export const quarantineWorkers = Effect.fnUntraced(function* (
  database: Database,
  batch: ReadonlyArray<Suspicion>
): Effect.fn.Return<ReadonlyArray<Quarantined>, DatabaseError> {
  const rows = yield* database.queryAtTime(quarantinedRows, statement, [
    texts(batch.map(({ worker }) => worker)),
    texts(batch.map(({ type }) => type)),
    integers(batch.map(({ quarantine }) => quarantine.failures)),
    durations(batch.map(({ quarantine }) => quarantine.within)),
    durations(batch.map(({ quarantine }) => quarantine.for))
  ])
  return rows.map(({ type, until, worker }) => ({ worker, type, until: toTime(until) }))
})
