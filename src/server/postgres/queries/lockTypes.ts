/** Makes claims of types that have limits wait for one another. */
import { Effect, Schema } from "effect"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import { locksByName } from "../locks.ts"
import { texts } from "../parameters.ts"

const lockedRows = rowsOf(Schema.Struct({ time: Schema.Number }))

// In the order of what is locked, as everywhere, so that no two claims can each hold what the other one needs. The time of
// the transaction is that of its beginning, and it may have waited since.
const statement = `
  with locked as materialized (select distinct hashtext(type) as type from unnest($3::text[]) as type order by 1)
  select
    pg_advisory_xact_lock($2, type),
    (extract(epoch from date_trunc('milliseconds', coalesce($1::timestamptz, clock_timestamp()))) * 1000)::float8 as time
  from locked`

/**
 * Lets no other claim of these types in until the end of the transaction, and tells the time since when, in milliseconds.
 * What others have committed by then is seen by the next statement, not by this one.
 */
export const lockTypes = Effect.fnUntraced(function* (
  database: Database,
  types: ReadonlyArray<string>
): Effect.fn.Return<number, DatabaseError> {
  const rows = yield* database.queryAtTime(lockedRows, statement, [locksByName.claim, texts(types)])
  return rows.reduce((latest, { time }) => Math.max(latest, time), 0)
})
