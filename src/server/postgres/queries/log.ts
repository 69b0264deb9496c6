/** `JobRepo.readLog` and `trimLog`: the log of a job, as bytes. */
import * as PgTypes from "@effect/sql-pg/PgTypes"
import { Effect, Schema } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { LogPart } from "../../../domain/attempts/LogPart.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import { lockName } from "../locks.ts"

// What a reader sees of a log event. In place of what was dropped stands a line that says so.
const shown = `
  case progress_event.event
    when 'log_chunk' then progress_event.data
    else convert_to(
      '[lazyboss dropped the oldest ' || convert_from(progress_event.data, 'UTF8') || E' bytes of this log]\\n', 'UTF8'
    )
  end`

const eventsOf = (job: string) => `
  from attempt
  join progress_event on progress_event.attempt_id = attempt.id
  where attempt.job_id = ${job}::uuid and progress_event.event in ('log_chunk', 'log_dropped')`

// The length of what is stored is known without reading it.
const part = `
  with entry as (
    select
      progress_event.attempt_id, progress_event.id, octet_length(${shown}) as length,
      sum(octet_length(${shown})) over (order by attempt.started_version, progress_event.id) as until
    ${eventsOf("$1")}
  ), measured as (
    select size, case when $2::bigint < 0 then greatest(size + $2::bigint, 0) else $2::bigint end as start
    from (select coalesce(max(until), 0) as size from entry) as whole
  ), wanted as (
    select entry.*, greatest(start - (until - length), 0) as skipped, least($3::bigint, until) as ends
    from entry, measured
    where until > start and ($3::bigint is null or until - length < $3::bigint)
  )
  select measured.size::float8 as size, measured.start::float8 as start, bytes
  from measured
  left join (
    select
      wanted.until,
      substring(
        ${shown}
        from wanted.skipped::int + 1
        for greatest(wanted.ends - (wanted.until - wanted.length) - wanted.skipped, 0)::int
      ) as bytes
    from wanted
    join progress_event using (attempt_id, id)
  ) as part on true
  order by part.until`

// The newest chunks that fit are kept, and the very newest in any case. Of the others, and of an earlier marker, the last becomes the marker.
const trim = `
  with entry as (
    select
      progress_event.attempt_id, progress_event.id, progress_event.event, progress_event.data,
      attempt.started_version, octet_length(progress_event.data) as length,
      sum(case progress_event.event when 'log_chunk' then octet_length(progress_event.data) else 0 end)
        over (order by attempt.started_version desc, progress_event.id desc) as kept
    ${eventsOf("$1")}
  ), excess as (
    select * from entry where event = 'log_chunk' and kept > $2::bigint and kept > length
  ), dropped as (
    select * from excess
    union all
    select * from entry where event = 'log_dropped' and exists (select from excess)
  ), marker as (
    select attempt_id, id from dropped order by started_version desc, id desc limit 1
  ), total as (
    select sum(case event when 'log_chunk' then length else convert_from(data, 'UTF8')::bigint end) as bytes
    from dropped
  ), deleted as (
    delete from progress_event
    using dropped, marker
    where progress_event.attempt_id = dropped.attempt_id and progress_event.id = dropped.id
      and (dropped.attempt_id, dropped.id) <> (marker.attempt_id, marker.id)
  )
  update progress_event
  set event = 'log_dropped', data = convert_to(total.bytes::text, 'UTF8')
  from marker, total
  where progress_event.attempt_id = marker.attempt_id and progress_event.id = marker.id`

const partRows = rowsOf(
  Schema.Struct({ size: Schema.Number, start: Schema.Number, bytes: Schema.NullOr(Schema.Uint8Array) })
)

export const readLog = Effect.fnUntraced(function* (
  database: Database,
  job: JobId,
  start: number,
  end: number | null
): Effect.fn.Return<LogPart, DatabaseError> {
  const rows = yield* database.query(partRows, part, [
    job,
    BigInt(start),
    end === null ? PgTypes.int8(null) : BigInt(end)
  ])
  const { size, start: begin } = rows[0] ?? { size: 0, start: 0 }
  return { size, start: begin, bytes: Buffer.concat(rows.flatMap(({ bytes }) => bytes ?? [])) }
})

/** One server at a time for each job, since two would both count what they find. */
export const trimLog = (database: Database, job: JobId, cap: number) =>
  database
    .transaction(Effect.andThen(lockName(database, "log", job), database.run(trim, [job, BigInt(cap)])))
    .pipe(Effect.asVoid)
