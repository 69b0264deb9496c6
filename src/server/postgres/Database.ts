/** How the queries reach the database. */
import { PgClient } from "@effect/sql-pg/PgClient"
import * as PgTypes from "@effect/sql-pg/PgTypes"
import { Context, Duration, Effect, Layer, Schema } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { StoreClock } from "./StoreClock.ts"

export type DatabaseError = SqlError | Schema.SchemaError

/** Reads rows as they come from the database. */
export type RowReader<A> = (rows: unknown) => Effect.Effect<ReadonlyArray<A>, Schema.SchemaError>

/**
 * Reads rows of this schema. It should only validate, not transform, which costs ten times as much on rows that come in
 * thousands; and the reader should be made once.
 */
export const rowsOf = <A>(row: Schema.Decoder<A>): RowReader<A> =>
  Schema.decodeUnknownEffect(Schema.Array(row))

export interface Database {
  /** Runs a statement and reads its rows. */
  readonly query: <A>(
    read: RowReader<A>,
    text: string,
    parameters?: ReadonlyArray<unknown>
  ) => Effect.Effect<ReadonlyArray<A>, DatabaseError>
  /** Runs a statement of whose rows nothing is wanted. */
  readonly run: (text: string, parameters?: ReadonlyArray<unknown>) => Effect.Effect<void, DatabaseError>
  /** Runs a statement that asks for the time, as its `$1`: the parameters given begin with `$2`. */
  readonly queryAtTime: Database["query"]
  /** The same, of whose rows nothing is wanted. */
  readonly runAtTime: Database["run"]
  readonly transaction: (typeof PgClient.Service)["withTransaction"]
}

/**
 * The time within a statement. In whole milliseconds like all times of the domain, so that what was stored compares
 * equal to what was read.
 */
export const now = "date_trunc('milliseconds', coalesce($1::timestamptz, now()))"

/** The time at which a statement asks, and not its transaction began, for those who have waited for others in it. */
export const momentNow = "date_trunc('milliseconds', coalesce($1::timestamptz, clock_timestamp()))"

export const make = (sql: typeof PgClient.Service, clock: Effect.Effect<number | null>): Database => {
  const query: Database["query"] = (read, text, parameters = []) =>
    Effect.flatMap(sql.unsafe(text, parameters), read)
  const run: Database["run"] = (text, parameters = []) => Effect.asVoid(sql.unsafe(text, parameters))
  const transaction = sql.withTransaction
  return withClock({ query, run, transaction }, clock)
}

const withClock = (
  database: Pick<Database, "query" | "run" | "transaction">,
  clock: Effect.Effect<number | null>
): Database => {
  const { query, run } = database
  const atTime = <A>(
    parameters: ReadonlyArray<unknown>,
    ask: (parameters: ReadonlyArray<unknown>) => Effect.Effect<A, DatabaseError>
  ) => Effect.flatMap(clock, (millis) => ask([PgTypes.timestamptz(millis), ...parameters]))
  return {
    ...database,
    queryAtTime: (read, text, parameters = []) => atTime(parameters, (all) => query(read, text, all)),
    runAtTime: (text, parameters = []) => atTime(parameters, (all) => run(text, all))
  }
}

/** The same database, for steps that all take place at one time, in milliseconds since the epoch. */
export const atTime = (database: Database, millis: number): Database =>
  withClock(database, Effect.succeed(millis))

/** The database that the parts of one store share. */
export class TheDatabase extends Context.Service<TheDatabase, Database>()(
  "lazyboss/server/postgres/Database/TheDatabase"
) {}

export const layer = Layer.effect(
  TheDatabase,
  Effect.gen(function* () {
    return make(yield* PgClient, yield* StoreClock)
  })
)

/** What a length of time, in milliseconds, is multiplied with. */
export const millisecond = "interval '1 millisecond'"

/** A length of time that is part of a statement, and the same whenever it runs. */
export const intervalOf = (duration: Duration.Duration): string =>
  `${Duration.toMillis(duration)} * ${millisecond}`

/**
 * That a key is equal to a value of another row, in a form that can only be looked up in the key's index. With a plain
 * equality, a table that is empty when the statement is planned would be read whole for ever after.
 */
export const isKey = (key: string, value: string) => `${key} = any (array[${value}])`

/** What remains until a point in time, in milliseconds. */
export const millisUntil = (time: string) => `(extract(epoch from ${time} - ${now}) * 1000)::float8`
