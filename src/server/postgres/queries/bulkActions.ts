/** Bulk actions as they are kept: small queries on one small table. */
import { Duration, Effect, Schema } from "effect"
import { type BulkActionRecord, BulkVerb, type NewBulkAction } from "../../../domain/jobs/BulkAction.ts"
import {
  type BulkActionInsert,
  bulkActionLifetime,
  type BulkPage
} from "../../../domain/jobs/BulkActionRepo.ts"
import { BulkActionId, JobId } from "../../../domain/Identifiers.ts"
import { JobConditions } from "../../../domain/jobs/JobConditions.ts"
import type { Due } from "../../../domain/Due.ts"
import {
  type Database,
  type DatabaseError,
  isKey,
  millisecond,
  millisUntil,
  now,
  rowsOf,
  intervalOf
} from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import { toMilliseconds } from "../parameters.ts"
import { toNullableTime, toTime } from "../rows.ts"
import { countMeantJobs } from "./meantJobs.ts"

const ActionRow = Schema.Struct({
  id: BulkActionId,
  action: BulkVerb,
  filter: JobConditions,
  asked_by: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  created_at: Schema.Date,
  matched: Schema.Number,
  done: Schema.Number,
  cursor: Schema.NullOr(JobId),
  finished_at: Schema.NullOr(Schema.Date)
})
const actionRows = rowsOf(ActionRow)

const columns = "id, action, filter, asked_by, reason, created_at, matched, done, cursor, finished_at"

const toRecord = (row: typeof ActionRow.Type): BulkActionRecord => ({
  id: row.id,
  action: row.action,
  filter: row.filter,
  by: row.asked_by,
  reason: row.reason,
  createdAt: toTime(row.created_at),
  matched: row.matched,
  done: row.done,
  cursor: row.cursor,
  finishedAt: toNullableTime(row.finished_at)
})

const timeRows = rowsOf(Schema.Struct({ at: Schema.Date }))
const nothing = rowsOf(Schema.Unknown)

const forgetOld = `
  delete from bulk_action
  where finished_at < ${now} - ${intervalOf(bulkActionLifetime)}`

const insert = `
  insert into bulk_action (id, action, filter, asked_by, created_at, busy_until, matched, reason)
  values ($1::uuid, $2::text, $3::json, $4::text, $5::timestamptz, $5::timestamptz, $6::int, $7::text)`

/** Keeps an action that is asked for at this time. */
export const insertBulkAction = (
  database: Database,
  { action, by, filter, id, reason }: BulkActionInsert,
  at: Date,
  matched: number
) => database.run(insert, [id, action, JSON.stringify(filter), by, at, matched, reason])

const countNow = Effect.fnUntraced(function* (database: Database, wish: NewBulkAction) {
  const [time] = yield* database.queryAtTime(timeRows, `select ${now} as at`)
  if (time === undefined) throw new Error("the database did not say what time it is")
  const createdAt = toTime(time.at)
  const matched = yield* countMeantJobs(database, { ...wish, createdAt, cursor: null })
  return { at: time.at, createdAt, matched }
})

/** How many jobs an action would mean now. */
export const countForBulkAction = (
  database: Database,
  wish: NewBulkAction
): Effect.Effect<number, DatabaseError> => Effect.map(countNow(database, wish), ({ matched }) => matched)

export const addBulkAction = Effect.fnUntraced(function* (
  database: Database,
  wish: BulkActionInsert
): Effect.fn.Return<BulkActionRecord, DatabaseError> {
  yield* database.queryAtTime(nothing, forgetOld)
  const { at, createdAt, matched } = yield* countNow(database, wish)
  yield* insertBulkAction(database, wish, at, matched)
  return { ...wish, createdAt, matched, done: 0, cursor: null, finishedAt: null }
})

export const findBulkAction = (
  database: Database,
  id: BulkActionId
): Effect.Effect<BulkActionRecord | null, DatabaseError> =>
  Effect.map(
    database.query(actionRows, `select ${columns} from bulk_action where id = $1::uuid`, [id]),
    ([row]) => (row === undefined ? null : toRecord(row))
  )

const take = `
  with free as materialized (
    select id
    from bulk_action
    where finished_at is null and busy_until <= ${now}
    order by busy_until
    limit 1
    for update skip locked
  )
  update bulk_action
  set busy_until = ${now} + $2::float8 * ${millisecond}
  from free
  where ${isKey("bulk_action.id", "free.id")}
  returning bulk_action.${columns.replaceAll(", ", ", bulk_action.")}`

const next = `select ${millisUntil("min(busy_until)")} as next from bulk_action where finished_at is null`

export const takeBulkAction = Effect.fnUntraced(function* (
  database: Database,
  turn: Duration.Duration
): Effect.fn.Return<Due<BulkActionRecord>, DatabaseError> {
  const rows = yield* database.queryAtTime(actionRows, take, [toMilliseconds(turn)])
  return { done: rows.map(toRecord), next: toNext(yield* database.queryAtTime(nextRows, next)) }
})

const advance = `
  update bulk_action
  set
    cursor = $4::uuid, done = done + $5::int, busy_until = ${now},
    finished_at = case when $6::bool then ${now} end
  where id = $2::uuid and cursor is not distinct from $3::uuid and finished_at is null`

export const advanceBulkAction = (
  database: Database,
  { cursor, id }: BulkActionRecord,
  page: BulkPage,
  done: number
): Effect.Effect<void, DatabaseError> =>
  Effect.asVoid(database.queryAtTime(nothing, advance, [id, cursor, page.cursor, done, page.isLast]))
