import { Effect } from "effect"
import type { Renewal, Renewed } from "../../../domain/JobRepo.ts"
import { type Database, type DatabaseError, millisecond, now } from "../Database.ts"
import { texts, uuids } from "../parameters.ts"
import { attemptColumns, AttemptRow, toAttemptRecord } from "../rows.ts"

const statement = `
  with live as materialized (
    select attempt.id
    from unnest($2::uuid[], $3::uuid[], $4::text[]) as item (attempt_id, job_id, worker)
    join attempt on attempt.id = item.attempt_id
    where attempt.job_id = item.job_id and attempt.worker = item.worker and attempt.ended_at is null
    order by attempt.job_id
    for update of attempt
  )
  update attempt
  set lease_expires_at = ${now} + attempt.lease * ${millisecond}, pickup_by = null
  from live
  where attempt.id = live.id
  returning ${attemptColumns}`

export const renew = Effect.fnUntraced(function* (
  database: Database,
  batch: ReadonlyArray<Renewal>
): Effect.fn.Return<ReadonlyArray<Renewed>, DatabaseError> {
  if (batch.length === 0) return []
  const rows = yield* database.queryAtTime(AttemptRow, statement, [
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
