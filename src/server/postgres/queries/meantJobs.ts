/** The jobs that a bulk action means, looked for part by part. */
import * as PgTypes from "@effect/sql-pg/PgTypes"
import { DateTime, Effect, Schema } from "effect"
import type { BulkActionRecord } from "../../../domain/jobs/BulkAction.ts"
import type { BulkPage } from "../../../domain/jobs/BulkActionRepo.ts"
import { JobId } from "../../../domain/Identifiers.ts"
import { type Database, type DatabaseError, type RowReader, rowsOf } from "../Database.ts"
import { planFreely } from "../plannerSettings.ts"
import { sqlConditions, whereAll } from "./jobConditions.ts"

/** What is meant, from a place on. */
export type Meaning = Pick<BulkActionRecord, "action" | "filter" | "createdAt" | "cursor">

/** At most this many jobs are looked at by one statement, whether they match or not: that takes a few milliseconds. */
const mostLookedAt = 5_000

/**
 * The beginning of a statement about the next jobs that are looked at, and which of them are meant. What no index in the
 * order of the ids can meet is asked only of these: a statement that has to find a few of many would look at all jobs.
 */
const lookAtNext = ({ action, createdAt, cursor, filter }: Meaning) => {
  const { indexed, others, parameters } = sqlConditions({ ...filter, before: cursor ?? undefined })
  const time = `$${parameters.length + 1}::timestamptz`
  const ofAction = {
    retry: { indexed: ["job.status in ('failed', 'cancelled')"], others: [`job.finished_at <= ${time}`] },
    cancel: { indexed: [], others: ["job.status in ('scheduled', 'pending', 'processing')"] }
  }[action]
  return {
    isMeant: [...others, ...ofAction.others, `job.created_at <= ${time}`].join(" and "),
    parameters: [...parameters, PgTypes.timestamptz(DateTime.toEpochMillis(createdAt))],
    beginning: `
      with looked_at as materialized (
        select id, type, status, assignee, tags, created_at, finished_at
        from job
        ${whereAll([...indexed, ...ofAction.indexed])}
        order by id desc
        limit ${mostLookedAt}
      ), seen as (
        select count(*)::int as looked_at, (select id from looked_at order by id limit 1) as last from looked_at
      )`
  }
}

const run = <A>(
  database: Database,
  rows: RowReader<A>,
  text: string,
  parameters: ReadonlyArray<unknown>
): Effect.Effect<ReadonlyArray<A>, DatabaseError> =>
  database.transaction(Effect.andThen(database.run(planFreely), database.query(rows, text, parameters)))

const seenFields = { looked_at: Schema.Number, last: Schema.NullOr(JobId) }

const pageRows = rowsOf(
  Schema.Union([
    Schema.Struct({ ...seenFields, id: JobId, type: Schema.String }),
    Schema.Struct({ ...seenFields, id: Schema.Null, type: Schema.Null })
  ])
)

/** The next jobs that are meant, newest first, at most `limit`. */
export const meantJobs = Effect.fnUntraced(function* (
  database: Database,
  meaning: Meaning,
  limit: number
): Effect.fn.Return<BulkPage, DatabaseError> {
  const { beginning, isMeant, parameters } = lookAtNext(meaning)
  const text = `
    ${beginning}
    select seen.looked_at, seen.last, job.id, job.type
    from seen
    left join (
      select job.id, job.type
      from looked_at as job
      where ${isMeant}
      order by job.id desc
      limit $${parameters.length + 1}::int
    ) as job on true
    order by job.id desc`
  const rows = yield* run(database, pageRows, text, [...parameters, limit])
  const jobs = rows.flatMap(({ id, type }) => (id === null ? [] : [{ id, type }]))
  // When the page is full, there may be more among those that were looked at.
  const isFull = jobs.length === limit
  const [seen] = rows
  return {
    jobs,
    cursor: (isFull ? jobs.at(-1)?.id : seen?.last) ?? meaning.cursor,
    isLast: !isFull && (seen?.looked_at ?? 0) < mostLookedAt
  }
})

const countRows = rowsOf(Schema.Struct({ ...seenFields, meant: Schema.Number }))

/** How many jobs are meant. */
export const countMeantJobs = Effect.fnUntraced(function* (
  database: Database,
  meaning: Meaning
): Effect.fn.Return<number, DatabaseError> {
  let { cursor } = meaning
  let count = 0
  while (true) {
    const { beginning, isMeant, parameters } = lookAtNext({ ...meaning, cursor })
    const text = `
      ${beginning}
      select seen.looked_at, seen.last, (select count(*)::int from looked_at as job where ${isMeant}) as meant
      from seen`
    const [row] = yield* run(database, countRows, text, parameters)
    count += row?.meant ?? 0
    if (row === undefined || row.last === null || row.looked_at < mostLookedAt) return count
    cursor = row.last
  }
})
