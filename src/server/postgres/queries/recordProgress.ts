/** `JobRepo.recordProgress`: stores progress and renews leases. */
import { Effect } from "effect"
import type { AttemptId } from "../../../domain/Identifiers.ts"
import type { ProgressWrite, Renewed } from "../../../domain/attempts/SignOfLife.ts"
import { type Database, type DatabaseError, isKey, millisecond, now } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { chunksOf } from "../chunks.ts"
import { bigints, booleans, byteStrings, floats, jsons, texts, uuids } from "../parameters.ts"
import { encodeMessage } from "../rows.ts"
import { livingColumns, livingRows, startedJob, toLiving } from "./livingRows.ts"

// Attempts are looked up as in `renew`. `is true` keeps the planner from making a join of the condition on the events: it
// is looked up in a hash instead.
const statement = `
  with item as (
    select * from unnest(
      $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::float8[], $7::text[], $8::bool[], $9::text[]
    ) as item (attempt_id, job_id, mark, next_mark, percent, message, leaves_checkpoint, checkpoint)
  ), live as materialized (
    select item.*, live.is_first
    from (select * from item order by job_id) as item
    cross join lateral (
      select attempt.first_sign_at is null as is_first
      from attempt
      where attempt.id = item.attempt_id and attempt.job_id is not distinct from item.job_id
        and attempt.mark = item.mark and attempt.outcome is null
      for update
    ) as live
  ), written as (
    update attempt
    set
      mark = live.next_mark,
      percent = coalesce(live.percent, attempt.percent),
      message = coalesce(live.message, attempt.message),
      checkpoint = case when live.leaves_checkpoint then live.checkpoint::json else attempt.checkpoint end,
      lease_expires_at = ${now} + attempt.lease * ${millisecond},
      pickup_by = null,
      first_sign_at = coalesce(attempt.first_sign_at, ${now})
    from live
    where ${isKey("attempt.id", "live.attempt_id")}
    returning attempt.*, live.is_first
  ), event as (
    insert into progress_event (attempt_id, id, job_id, event, data)
    select *
    from unnest($10::uuid[], $11::bigint[], $12::uuid[], $13::text[], $14::bytea[])
      as event (attempt_id, id, job_id, event, data)
    where (event.attempt_id in (select id from written)) is true
  )
  select ${livingColumns}
  from written as attempt
  ${startedJob("attempt")}`

const utf8 = new TextEncoder()

const write = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<ProgressWrite>
) {
  const events = batch.flatMap(({ attempt, events, job }) =>
    events.map((event) => ({ attempt, job, ...event }))
  )
  const rows = yield* database.queryAtTime(livingRows, statement, [
    uuids(batch.map(({ attempt }) => attempt)),
    uuids(batch.map(({ job }) => job)),
    bigints(batch.map(({ mark }) => mark)),
    bigints(batch.map(({ events, mark }) => events.at(-1)?.id ?? mark)),
    floats(batch.map(({ percent }) => percent)),
    texts(batch.map(({ message }) => encodeMessage(message))),
    booleans(batch.map(({ checkpoint }) => checkpoint !== undefined)),
    jsons(batch.map(({ checkpoint = null }) => checkpoint)),
    uuids(events.map(({ attempt }) => attempt)),
    bigints(events.map(({ id }) => id)),
    uuids(events.map(({ job }) => job)),
    texts(events.map(({ event }) => event)),
    byteStrings(events.map(({ data }) => utf8.encode(data)))
  ])
  const written = yield* toLiving(groups, rows)
  return batch.map(({ attempt }): Renewed => written.get(attempt) ?? null)
})

/** Places of the batch in rounds that write no attempt twice, so that each write sees the mark of the one before it. */
const roundsOf = (batch: ReadonlyArray<ProgressWrite>): ReadonlyArray<ReadonlyArray<PlacedWrite>> => {
  const rounds: Array<Array<PlacedWrite>> = []
  const writesBefore = new Map<AttemptId, number>()
  batch.forEach((item, place) => {
    const before = writesBefore.get(item.attempt) ?? 0
    writesBefore.set(item.attempt, before + 1)
    const round = rounds[before]
    if (round === undefined) rounds.push([{ item, place }])
    else round.push({ item, place })
  })
  return rounds
}

interface PlacedWrite {
  readonly item: ProgressWrite
  readonly place: number
}

// A message and a checkpoint come from events, so that they at most double what these are.
const loadOf = ({ item }: PlacedWrite) => ({
  rows: 1 + item.events.length,
  characters: item.events.reduce((sum, { data }) => sum + data.length, 0)
})

export const recordProgress = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<ProgressWrite>
): Effect.fn.Return<ReadonlyArray<Renewed>, DatabaseError> {
  const answers = batch.map((): Renewed => null)
  const writeChunk = (chunk: ReadonlyArray<PlacedWrite>) =>
    Effect.map(
      write(
        database,
        groups,
        chunk.map(({ item }) => item)
      ),
      (written) => chunk.forEach(({ place }, index) => (answers[place] = written[index] ?? null))
    )
  const chunks = roundsOf(batch).flatMap((round) => chunksOf(round, loadOf))
  const writeAll = Effect.forEach(chunks, writeChunk, { discard: true })
  yield* chunks.length > 1 ? database.transaction(writeAll) : writeAll
  return answers
})
