/** `RetentionRepo.deleteFinished`: deletes finished jobs with all that belongs to them. */
import { Effect, Schema } from "effect"
import type { Retention } from "../../../domain/policies/Policy.ts"
import type { FinishedJobs } from "../../../domain/jobs/RetentionRepo.ts"
import { type Database, type DatabaseError, isKey, millisecond, now, rowsOf } from "../Database.ts"
import { durations, texts } from "../parameters.ts"
import { countedProjectFlows } from "./countedFlows.ts"
import { finishedAs } from "./oldestFinished.ts"

const countRows = rowsOf(Schema.Struct({ count: Schema.Number }))

// A job that is locked is being retried, or read for a decision upon it. One that was retried just before is seen so when
// its lock is taken.
const statement = (kind: keyof Retention) => `
  with outdated as (
    select type, age from unnest($2::text[], $3::float8[]) as outdated (type, age)
  ), leaving as materialized (
    select job.id
    from outdated
    cross join lateral (
      select job.id
      from job
      where ${finishedAs[kind]} and job.type = outdated.type
        and job.finished_at <= ${now} - outdated.age * ${millisecond}
      order by job.finished_at
      limit $4::int
      for update skip locked
    ) as job
    limit $4::int
  ), attempts as (
    delete from attempt using leaving where ${isKey("attempt.job_id", "leaving.id")} returning attempt.id
  ), events as (
    delete from progress_event using attempts where ${isKey("progress_event.attempt_id", "attempts.id")}
  ), payloads as (
    delete from job_payload using leaving where ${isKey("job_payload.job_id", "leaving.id")}
  ), retries as (
    delete from job_retry using leaving where ${isKey("job_retry.job_id", "leaving.id")}
  ), amendments as (
    delete from job_amendment using leaving where ${isKey("job_amendment.job_id", "leaving.id")}
  ), jobs as (
    delete from job using leaving where ${isKey("job.id", "leaving.id")} returning job.type, job.project, job.status
  ), ${countedProjectFlows("select type, project, status as before, '' as after from jobs")}
  select count(*)::int as count from jobs`

const statements = { done: statement("done"), failed: statement("failed") }

export const deleteFinished = Effect.fnUntraced(function* (
  database: Database,
  outdated: ReadonlyArray<FinishedJobs>,
  limit: number
): Effect.fn.Return<number, DatabaseError> {
  let deleted = 0
  for (const kind of ["done", "failed"] as const) {
    const ofKind = outdated.filter((finished) => finished.kind === kind)
    if (ofKind.length === 0 || deleted === limit) continue
    const [row] = yield* database.queryAtTime(countRows, statements[kind], [
      texts(ofKind.map(({ type }) => type)),
      durations(ofKind.map(({ age }) => age)),
      limit - deleted
    ])
    deleted += row?.count ?? 0
  }
  return deleted
})
