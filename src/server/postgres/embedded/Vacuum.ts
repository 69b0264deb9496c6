/**
 * PostgreSQL has a process of its own that clears away the dead versions of rows. The embedded one has no processes, so
 * this does it, by the same rule.
 */
import { PgClient } from "@effect/sql-pg/PgClient"
import { Duration, Effect, Layer, Schema } from "effect"
import { retryForever } from "../../../domain/retryForever.ts"

/** How often the tables are looked at. Nothing else can run meanwhile, so there should never be much to clear away. */
const every = Duration.seconds(30)

const Table = Schema.Struct({ name: Schema.String })
const decodeTables = Schema.decodeUnknownEffect(Schema.Array(Table))

// As autovacuum has it: so many dead rows, and a share of those that live.
// https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
const tablesWorthIt = `
  select quote_ident(relname) as name
  from pg_stat_user_tables
  where n_dead_tup > 1000 + 0.2 * n_live_tup
  order by n_dead_tup`

/** Clears away what is worth it, one table after the other. */
export const vacuum = Effect.gen(function* () {
  const sql = yield* PgClient
  const tables = yield* decodeTables(yield* sql.unsafe(tablesWorthIt).unprepared)
  yield* Effect.forEach(tables, ({ name }) => sql.unsafe(`vacuum (analyze) ${name}`).unprepared)
  return tables.map(({ name }) => name)
})

export const layer = Layer.effectDiscard(
  Effect.forkScoped(Effect.forever(Effect.delay(retryForever("vacuum the database", vacuum), every)))
)
