/** `WorkerRepo.forget`: forgets workers that were gone for long, and failures that count no more. */
import { Duration, Effect, Schema } from "effect"
import type { Due } from "../../../domain/Due.ts"
import { longestMemory } from "../../../domain/policies/Policy.ts"
import { forgottenAfter } from "../../../domain/workers/Worker.ts"
import { type Database, type DatabaseError, isKey, now, rowsOf, intervalOf } from "../Database.ts"

const nameRows = rowsOf(Schema.Struct({ name: Schema.String }))

const forgetWorkersGone = `
  with old as materialized (
    select name
    from worker
    where not is_present and state = 'active' and last_seen_at <= ${now} - ${intervalOf(forgottenAfter)}
    order by last_seen_at
    limit $2::int
    for update skip locked
  ), records as (
    delete from worker_record using old where ${isKey("worker_record.worker", "old.name")}
  ), quarantines as (
    delete from worker_quarantine using old where ${isKey("worker_quarantine.worker", "old.name")}
  )
  delete from worker using old where ${isKey("worker.name", "old.name")}
  returning worker.name`

const countRows = rowsOf(Schema.Struct({ count: Schema.Number }))

const forgetFailures = `
  with forgotten as (
    delete from worker_failure
    where ctid = any (array(
      select ctid from worker_failure where at <= ${now} - ${intervalOf(longestMemory)} order by at limit $2::int
    ))
    returning at
  )
  select count(*)::int as count from forgotten`

export const forgetWorkers = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Due<string>, DatabaseError> {
  const forgotten = yield* database.queryAtTime(nameRows, forgetWorkersGone, [limit])
  const [failures] = yield* database.queryAtTime(countRows, forgetFailures, [limit])
  const mayBeMore = forgotten.length === limit || failures?.count === limit
  return { done: forgotten.map(({ name }) => name), next: mayBeMore ? Duration.zero : null }
})
