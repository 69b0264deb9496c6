/** Brings the database's tables to the form that this program knows. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { Data, Effect, Layer, Schema } from "effect"
import * as Migrator from "effect/sql/Migrator"
import { jobs } from "./migrations/0001_jobs.ts"
import { policies } from "./migrations/0002_policies.ts"
import { tokens } from "./migrations/0003_tokens.ts"
import { events } from "./migrations/0004_events.ts"
import { bulk } from "./migrations/0007_bulk.ts"
import { counts } from "./migrations/0005_counts.ts"
import { limits } from "./migrations/0006_limits.ts"
import { projects } from "./migrations/0009_projects.ts"
import { workers } from "./migrations/0008_workers.ts"
import { schedules } from "./migrations/0010_schedules.ts"
import { matching } from "./migrations/0011_matching.ts"
import { accepts } from "./migrations/0012_accepts.ts"
import { unchecked } from "./migrations/0013_unchecked.ts"
import { locks } from "./locks.ts"

/** Numbered, only ever added to, and never changed once released. */
const migrations = {
  "0001_jobs": jobs,
  "0002_policies": policies,
  "0003_tokens": tokens,
  "0004_events": events,
  "0007_bulk": bulk,
  "0005_counts": counts,
  "0006_limits": limits,
  "0008_workers": workers,
  "0009_projects": projects,
  "0010_schedules": schedules,
  "0011_matching": matching,
  "0012_accepts": accepts,
  "0013_unchecked": unchecked
}

/** The number of the newest migration that this program knows. */
export const newestKnown = Math.max(...Object.keys(migrations).map((name) => Number.parseInt(name, 10)))

const table = "lazyboss_migration"

/** The database has been migrated by a newer lazyboss, whose tables this one does not understand. */
export class DatabaseIsNewer extends Data.TaggedError("DatabaseIsNewer")<{
  readonly database: number
  readonly known: number
}> {
  override get message(): string {
    return (
      `the database was migrated by a newer lazyboss: it is at migration ${this.database}, ` +
      `and this program knows them up to ${this.known}`
    )
  }
}

const Newest = Schema.Struct({ newest: Schema.NullOr(Schema.Int) })

const refuseNewer = Effect.gen(function* () {
  const sql = yield* PgClient
  const [found] = yield* sql`select to_regclass(${table}) is not null as exists`
  if (found?.["exists"] !== true) return
  const rows = yield* sql`select max(migration_id) as newest from ${sql(table)}`
  const { newest } = yield* Schema.decodeUnknownEffect(Newest)(rows[0])
  if (newest !== null && newest > newestKnown) {
    return yield* new DatabaseIsNewer({ database: newest, known: newestKnown })
  }
})

const runPending = Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })

/**
 * Runs the migrations that are missing, all or none. Servers that start together wait for one another; one that does not
 * know the newest migration is refused.
 */
export const migrate = Effect.gen(function* () {
  const sql = yield* PgClient
  return yield* sql.withTransaction(
    Effect.gen(function* () {
      // A migration may take its time, and so may waiting for another server's.
      yield* sql`set local statement_timeout = 0`
      yield* sql`set local lock_timeout = 0`
      yield* sql`select pg_advisory_xact_lock(${locks.migrations})`
      yield* refuseNewer
      const run = yield* runPending
      if (run.length > 0) {
        const migrations = run.map(([number, name]) => `${number} ${name}`)
        yield* Effect.annotateLogs(Effect.logInfo("migrations run"), { migrations })
      }
      return run
    })
  )
}).pipe(Effect.catchTag("SchemaError", Effect.die))

export const layer = Layer.effectDiscard(migrate)
