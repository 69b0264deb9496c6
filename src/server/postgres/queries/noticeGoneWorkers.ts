import { Duration, Effect, Schema } from "effect"
import type { Due } from "../../../domain/JobRepo.ts"
import { longestMemory } from "../../../domain/Policy.ts"
import { forgottenAfter, goneAfter } from "../../../domain/Worker.ts"
import {
  type Database,
  type DatabaseError,
  isKey,
  millisecond,
  millisUntil,
  now,
  rowsOf
} from "../Database.ts"
import { nextRows, toNext } from "../due.ts"

const nameRows = rowsOf(Schema.Struct({ name: Schema.String }))

const long = (duration: Duration.Duration) => `${Duration.toMillis(duration)} * ${millisecond}`

// Who holds a job is not gone, however silent.
const statement = `
  with candidate as materialized (
    select name
    from worker
    where is_present and last_seen_at <= ${now} - ${long(goneAfter)}
      and name not in (select attempt.worker from attempt where attempt.ended_at is null)
    order by last_seen_at
    limit $2::int
    for update skip locked
  ), noticed as (
    update worker
    set is_present = false
    from candidate
    where ${isKey("worker.name", "candidate.name")}
    returning worker.name
  )
  select name from noticed`

const next = `
  select ${millisUntil(`min(last_seen_at) + ${long(goneAfter)}`)} as next
  from worker
  where is_present and last_seen_at > ${now} - ${long(goneAfter)}`

const forget = `
  with old as materialized (
    select name
    from worker
    where not is_present and state = 'active' and last_seen_at <= ${now} - ${long(forgottenAfter)}
    order by last_seen_at
    limit $2::int
    for update skip locked
  ), records as (
    delete from worker_record using old where worker_record.worker = old.name
  ), quarantines as (
    delete from worker_quarantine using old where worker_quarantine.worker = old.name
  )
  delete from worker using old where ${isKey("worker.name", "old.name")}`

const countRows = rowsOf(Schema.Struct({ count: Schema.Number }))

const forgetFailures = `
  with forgotten as (
    delete from worker_failure
    where ctid = any (array(
      select ctid from worker_failure where at <= ${now} - ${long(longestMemory)} order by at limit $2::int
    ))
    returning at
  )
  select count(*)::int as count from forgotten`

export const noticeGoneWorkers = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Due<string>, DatabaseError> {
  const gone = yield* database.queryAtTime(nameRows, statement, [limit])
  yield* database.runAtTime(forget, [limit])
  const [forgotten] = yield* database.queryAtTime(countRows, forgetFailures, [limit])
  return {
    done: gone.map(({ name }) => name),
    // Where there were more failures than could be forgotten at once, it goes on.
    next: forgotten?.count === limit ? Duration.zero : toNext(yield* database.queryAtTime(nextRows, next))
  }
})
