/** `RetentionRepo.oldest`: the oldest finished jobs of each type and kind. */
import { Duration, Effect, Schema } from "effect"
import type { Retention } from "../../../domain/policies/Policy.ts"
import type { FinishedJobs } from "../../../domain/jobs/RetentionRepo.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"

/** The conditions of the indexes on the ages of finished jobs. */
export const finishedAs: { readonly [Kind in keyof Retention]: string } = {
  done: "finished_at is not null and status not in ('failed', 'cancelled')",
  failed: "finished_at is not null and status <> 'done'"
}

const ageRows = rowsOf(Schema.Struct({ type: Schema.String, age: Schema.Number }))

// Leaps from type to type through the index, whatever the number of jobs of each.
const statement = (kind: keyof Retention) => `
  with recursive oldest (type, finished_at) as (
    (select type, finished_at from job where ${finishedAs[kind]} order by type, finished_at limit 1)
    union all
    select following.type, following.finished_at
    from oldest
    cross join lateral (
      select job.type, job.finished_at
      from job
      where ${finishedAs[kind]} and job.type > oldest.type
      order by job.type, job.finished_at
      limit 1
    ) as following
  )
  select type, (extract(epoch from ${now} - finished_at) * 1000)::float8 as age from oldest`

const statements = { done: statement("done"), failed: statement("failed") }

const oldestOf = (database: Database, kind: keyof Retention) =>
  Effect.map(database.queryAtTime(ageRows, statements[kind]), (rows) =>
    rows.map(({ age, type }): FinishedJobs => ({ type, kind, age: Duration.millis(Math.max(0, age)) }))
  )

export const oldestFinished = Effect.fnUntraced(function* (
  database: Database
): Effect.fn.Return<ReadonlyArray<FinishedJobs>, DatabaseError> {
  return [...(yield* oldestOf(database, "done")), ...(yield* oldestOf(database, "failed"))]
})
