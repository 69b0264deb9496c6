import { Effect } from "effect"
import type { Holding } from "../../../domain/Attempt.ts"
import type { Renewed } from "../../../domain/JobRepo.ts"
import { attemptColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisecond, now } from "../Database.ts"
import { texts, uuids } from "../parameters.ts"
import { attemptRows, toAttemptRecord } from "../rows.ts"

// The attempts are looked up one by one, and whether they are over is told by their outcome: with a plain join on those
// not ended the planner would rather read all of the index on these.
const statement = `
  with live as materialized (
    select live.id
    from (
      select * from unnest($2::uuid[], $3::uuid[], $4::text[]) as item (attempt_id, job_id, worker) order by job_id
    ) as item
    cross join lateral (
      select attempt.id
      from attempt
      where attempt.id = item.attempt_id and attempt.job_id is not distinct from item.job_id
        and attempt.worker = item.worker and attempt.outcome is null
      for update
    ) as live
  )
  update attempt
  set lease_expires_at = ${now} + attempt.lease * ${millisecond}, pickup_by = null
  from live
  where ${isKey("attempt.id", "live.id")}
  returning ${attemptColumns}`

export const renew = Effect.fnUntraced(function* (
  database: Database,
  batch: ReadonlyArray<Holding>
): Effect.fn.Return<ReadonlyArray<Renewed>, DatabaseError> {
  if (batch.length === 0) return []
  const rows = yield* database.queryAtTime(attemptRows, statement, [
    uuids(batch.map(({ attempt }) => attempt)),
    uuids(batch.map(({ job }) => job)),
    texts(batch.map(({ worker }) => worker))
  ])
  const renewed = new Map(rows.map((row) => [row.attempt_id, toAttemptRecord(row)]))
  return batch.map(({ attempt, job, worker }) => {
    const record = renewed.get(attempt)
    return record?.job === job && record.worker === worker ? record : null
  })
})
