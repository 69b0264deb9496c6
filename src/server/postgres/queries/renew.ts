/** `JobRepo.renew`: renews the leases of live attempts. */
import { Effect } from "effect"
import type { Holding } from "../../../domain/attempts/Attempt.ts"
import type { Renewed } from "../../../domain/attempts/SignOfLife.ts"
import { type Database, type DatabaseError, isKey, millisecond, now } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { texts, uuids } from "../parameters.ts"
import { livingColumns, livingRows, startedJob, toLiving } from "./livingRows.ts"

// The attempts are looked up one by one, and whether they are over is told by their outcome: with a plain join on those
// not ended the planner would rather read all of the index on these.
const statement = `
  with live as materialized (
    select live.*
    from (
      select * from unnest($2::uuid[], $3::uuid[], $4::text[]) as item (attempt_id, job_id, worker) order by job_id
    ) as item
    cross join lateral (
      select attempt.id, attempt.job_id, attempt.first_sign_at is null as is_first
      from attempt
      where attempt.id = item.attempt_id and attempt.job_id is not distinct from item.job_id
        and attempt.worker = item.worker and attempt.outcome is null
      for update
    ) as live
  )
  update attempt
  set
    lease_expires_at = ${now} + attempt.lease * ${millisecond}, pickup_by = null,
    first_sign_at = coalesce(attempt.first_sign_at, ${now})
  from live
  ${startedJob("live")}
  where ${isKey("attempt.id", "live.id")}
  returning ${livingColumns}`

export const renew = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<Holding>
): Effect.fn.Return<ReadonlyArray<Renewed>, DatabaseError> {
  if (batch.length === 0) return []
  const rows = yield* database.queryAtTime(livingRows, statement, [
    uuids(batch.map(({ attempt }) => attempt)),
    uuids(batch.map(({ job }) => job)),
    texts(batch.map(({ worker }) => worker))
  ])
  const renewed = yield* toLiving(groups, rows)
  return batch.map(({ attempt, job, worker }) => {
    const record = renewed.get(attempt)
    if (record?.job !== job || record.worker !== worker) return null
    // Of several signs at once, one is the first.
    renewed.set(attempt, { ...record, started: null })
    return record
  })
})
