/** `JobRepo.end`: ends live attempts. */
import { Array as Arr, Effect, Schema } from "effect"
import type { AttemptEnd } from "../../../domain/attempts/AttemptEnd.ts"
import type { ChangedJob } from "../../../domain/jobs/Job.ts"
import { attemptColumnsBehind, changedJobFields, columnsOf } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisecond, now, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { booleans, durations, integers, texts, toText, uuids } from "../parameters.ts"
import { chunksOf } from "../chunks.ts"
import { toChangedJob } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"
import { earliestClock } from "./earliestClock.ts"
import { lockJobs } from "./lockJobs.ts"

/** A job whose attempt was ended. `place` is that of the item in the batch, from 1. */
const endedRows = rowsOf(Schema.Struct({ place: Schema.Number, ...changedJobFields }))

// Jobs and their attempts are locked first, in the order of the jobs' ids as everywhere, so that two batches cannot each
// hold what the other one needs. Of several ends of one job the first that may takes effect.
const statement = `
  with item as (
    select * from unnest(
      $2::uuid[], $3::uuid[], $4::text[], $5::bool[], $6::bool[], $7::text[], $8::float8[], $9::text[], $10::int[],
      $11::int[], $12::text[], $13::text[], $14::int[]
    ) as item (
      job_id, attempt_id, worker, cancelling, only_if_overdue, status, wait, outcome, failures, losses, result, error,
      place
    )
  ), live as materialized (
    select
      item.job_id, item.attempt_id, item.place, item.status, item.wait, item.outcome, item.failures, item.losses,
      item.result, item.error, live.next_version, live.type, live.project
    from (select * from item order by job_id, place) as item
    cross join lateral (
      select job.version + 1 as next_version, job.type, job.project
      from job
      join attempt on ${isKey("attempt.id", "job.attempt")}
      where job.id = item.job_id and job.status = 'processing'
        and attempt.id = item.attempt_id and attempt.outcome is null
        and (item.worker is null or item.worker = attempt.worker)
        and (item.cancelling is null or item.cancelling = (attempt.cancel_at is not null))
        and (not item.only_if_overdue or ${earliestClock} <= ${now})
      for update
    ) as live
  ), ending as (
    select distinct on (job_id) * from live order by job_id, place
  ), ended as (
    update attempt
    set
      ended_at = ${now}, outcome = ending.outcome, result = ending.result::json, error = ending.error::json,
      next_run_at = ${now} + ending.wait * ${millisecond}, ended_version = ending.next_version
    from ending
    where ${isKey("attempt.id", "ending.attempt_id")}
    returning
      ${attemptColumnsBehind(changedJobFields)}, attempt.job_id, attempt.next_run_at, ending.place,
      ending.type, ending.project, ending.status, ending.failures, ending.losses
  ), failed as (
    insert into worker_failure (worker, type, at)
    select worker, type, ended_at from ended where failures + losses > 0
  ), ${countedProjectFlows("select type, project, 'processing' as before, status as after from ended")}
  update job
  set
    status = attempt.status, version = attempt.ended_version, run_at = coalesce(attempt.next_run_at, job.run_at),
    finished_at = case when attempt.next_run_at is null then attempt.ended_at end,
    failures = job.failures + attempt.failures, losses = job.losses + attempt.losses
  from ended as attempt
  where ${isKey("job.id", "attempt.job_id")}
  returning attempt.place, ${columnsOf(changedJobFields)}`

/** An end as it is written: the JSON as text, and its place in the batch, from 1. */
interface WrittenEnd {
  readonly end: AttemptEnd
  readonly place: number
  readonly result: string | null
  readonly error: string | null
}

const toWritten = (end: AttemptEnd, index: number): WrittenEnd => ({
  end,
  place: index + 1,
  result: toText(end.transition.result),
  error: toText(end.transition.error)
})

const loadOf = ({ error, result }: WrittenEnd) => ({
  rows: 1,
  characters: (result?.length ?? 0) + (error?.length ?? 0)
})

const endChunk = (database: Database, chunk: ReadonlyArray<WrittenEnd>) => {
  const ends = chunk.map(({ end }) => end)
  const transitions = ends.map(({ transition }) => transition)
  const spent = (kind: "failure" | "loss") =>
    integers(transitions.map(({ spends }) => (spends === kind ? 1 : 0)))
  return database.queryAtTime(endedRows, statement, [
    uuids(ends.map(({ job }) => job)),
    uuids(ends.map(({ attempt }) => attempt)),
    texts(ends.map(({ worker }) => worker)),
    booleans(ends.map(({ cancelling }) => cancelling)),
    booleans(ends.map(({ onlyIfOverdue }) => onlyIfOverdue)),
    texts(transitions.map(({ status }) => status)),
    durations(transitions.map(({ wait }) => wait)),
    texts(transitions.map(({ outcome }) => outcome)),
    spent("failure"),
    spent("loss"),
    texts(chunk.map(({ result }) => result)),
    texts(chunk.map(({ error }) => error)),
    integers(chunk.map(({ place }) => place))
  ])
}

export const end = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<AttemptEnd>
): Effect.fn.Return<ReadonlyArray<ChangedJob | null>, DatabaseError> {
  const chunks = chunksOf(batch.map(toWritten), loadOf)
  const endAll = Effect.forEach(chunks, (chunk) => endChunk(database, chunk))
  // Jobs are locked in the order of their ids within a chunk, but not from one chunk to the next.
  const rows = yield* chunks.length > 1
    ? database.transaction(
        Effect.andThen(
          lockJobs(
            database,
            batch.map(({ job }) => job)
          ),
          endAll
        )
      )
    : endAll
  const ended = rows.flat()
  const found = yield* groups.withIds(ended.map((row) => row.group_id))
  const answers = batch.map((): ChangedJob | null => null)
  for (const [row, group] of Arr.zip(ended, found)) answers[row.place - 1] = toChangedJob(row, group)
  return answers
})
