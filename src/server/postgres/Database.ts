/** How the queries reach the database. */
import type { PgClient } from "@effect/sql-pg/PgClient"
import * as PgTypes from "@effect/sql-pg/PgTypes"
import { Effect, Schema } from "effect"
import type { SqlError } from "effect/sql/SqlError"

export type DatabaseError = SqlError | Schema.SchemaError

/** A schema that only validates: decoding that also transforms costs ten times as much on rows that come in thousands. */
export type RowSchema<A> = Schema.Decoder<A>

export interface Database {
  /** Runs a statement and reads its rows. */
  readonly query: <A>(
    row: RowSchema<A>,
    text: string,
    parameters?: ReadonlyArray<unknown>
  ) => Effect.Effect<ReadonlyArray<A>, DatabaseError>
  /** Runs a statement that asks for the time, as its `$1`: the parameters given begin with `$2`. */
  readonly queryAtTime: Database["query"]
  readonly transaction: PgClient["withTransaction"]
}

/**
 * The time within a statement. In whole milliseconds like all times of the domain, so that what was stored compares
 * equal to what was read.
 */
export const now = "date_trunc('milliseconds', coalesce($1::timestamptz, now()))"

export const make = (sql: PgClient, clock: Effect.Effect<number | null>): Database => {
  const query: Database["query"] = (row, text, parameters = []) => {
    const decode = Schema.decodeUnknownEffect(Schema.Array(row))
    return Effect.flatMap(sql.unsafe(text, parameters), (rows) => decode(rows))
  }
  return {
    query,
    queryAtTime: (row, text, parameters = []) =>
      Effect.flatMap(clock, (millis) => query(row, text, [PgTypes.timestamptz(millis), ...parameters])),
    transaction: sql.withTransaction
  }
}

/** What a length of time, in milliseconds, is multiplied with. */
export const millisecond = "interval '1 millisecond'"

/** What remains until a point in time, in milliseconds. */
export const millisUntil = (time: string) => `(extract(epoch from ${time} - ${now}) * 1000)::float8`
