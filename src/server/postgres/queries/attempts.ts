/** `JobRepo.findAttempt`, `findCancellation` and `progressSince`: single attempts and what is kept of them. */
import { Duration, Effect, Schema } from "effect"
import type { AttemptRecord } from "../../../domain/attempts/Attempt.ts"
import type { AttemptId, JobId } from "../../../domain/Identifiers.ts"
import type { PendingCancellation } from "../../../domain/jobs/Cancellation.ts"
import { largestAnswer, type Page } from "../../../domain/Page.ts"
import type { ProgressEvent } from "../../../domain/attempts/SignOfLife.ts"
import { CancelRequest } from "../../../domain/jobs/Job.ts"
import { attemptColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, millisUntil, rowsOf } from "../Database.ts"
import { attemptRows, toAttemptRecord } from "../rows.ts"

const attemptOfJob = `
  select ${attemptColumns} from attempt where attempt.id = $1::uuid and attempt.job_id = $2::uuid`

export const findAttempt = Effect.fnUntraced(function* (
  database: Database,
  job: JobId,
  attempt: AttemptId
): Effect.fn.Return<AttemptRecord | null, DatabaseError> {
  const [row] = yield* database.query(attemptRows, attemptOfJob, [attempt, job])
  return row === undefined ? null : toAttemptRecord(row)
})

const cancellationRows = rowsOf(
  Schema.Struct({ left: Schema.Number, cancel_request: Schema.NullOr(CancelRequest) })
)

const cancellationOf = `
  select ${millisUntil("attempt.cancel_at")} as left, job.cancel_request
  from attempt
  join job on ${isKey("job.id", "attempt.job_id")}
  where attempt.id = $2::uuid and attempt.job_id = $3::uuid and attempt.outcome is null and attempt.cancel_at is not null`

export const findCancellation = Effect.fnUntraced(function* (
  database: Database,
  job: JobId,
  attempt: AttemptId
): Effect.fn.Return<PendingCancellation | null, DatabaseError> {
  const [row] = yield* database.queryAtTime(cancellationRows, cancellationOf, [attempt, job])
  if (row === undefined) return null
  return {
    grace: Duration.millis(Math.max(0, Math.ceil(row.left))),
    reason: row.cancel_request?.reason ?? null
  }
})

const eventRows = rowsOf(
  Schema.Struct({ id: Schema.Number, event: Schema.String, data: Schema.Uint8Array, found: Schema.Number })
)

// One more than asked for tells whether there is more. The length of what is stored is known without reading it.
const eventsSince = `
  select id::float8 as id, event, data, found::int as found
  from (
    select
      *, count(*) over () as found, row_number() over (order by id) as place,
      sum(octet_length(data)) over (order by id) - octet_length(data) as given_before
    from (
      select id, event, data
      from progress_event
      where attempt_id = $1::uuid and id > $2::bigint
      order by progress_event.id
      limit $3::int + 1
    ) as following
  ) as measured
  where place <= $3::int and given_before < ${largestAnswer.progress}
  order by measured.id`

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

export const progressSince = Effect.fnUntraced(function* (
  database: Database,
  attempt: AttemptId,
  after: number,
  limit: number
): Effect.fn.Return<Page<ProgressEvent>, DatabaseError> {
  const rows = yield* database.query(eventRows, eventsSince, [attempt, BigInt(after), limit])
  return {
    items: rows.map(({ data, event, id }) => ({ id, event, data: utf8.decode(data) })),
    hasMore: rows.length < (rows[0]?.found ?? 0)
  }
})
