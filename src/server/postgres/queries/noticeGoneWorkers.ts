/** `WorkerRepo.noticeGone`: takes note of workers that are gone. */
import { Effect, Schema } from "effect"
import type { Due } from "../../../domain/Due.ts"
import { goneAfter } from "../../../domain/workers/Worker.ts"
import {
  type Database,
  type DatabaseError,
  isKey,
  millisUntil,
  now,
  rowsOf,
  intervalOf
} from "../Database.ts"
import { nextRows, toNext } from "../due.ts"

const nameRows = rowsOf(Schema.Struct({ name: Schema.String }))

// Who holds a job is not gone, however silent. The order of those is for the planner, as in `usage`.
const statement = `
  with candidate as materialized (
    select name
    from worker
    where is_present and last_seen_at <= ${now} - ${intervalOf(goneAfter)}
      and name not in (
        select assignee
        from job
        where status = 'processing' and assignee is not null
        order by type, fairness_key, assignee
      )
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
  select ${millisUntil(`min(last_seen_at) + ${intervalOf(goneAfter)}`)} as next
  from worker
  where is_present and last_seen_at > ${now} - ${intervalOf(goneAfter)}`

export const noticeGoneWorkers = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Due<string>, DatabaseError> {
  const gone = yield* database.queryAtTime(nameRows, statement, [limit])
  return {
    done: gone.map(({ name }) => name),
    next: toNext(yield* database.queryAtTime(nextRows, next))
  }
})
