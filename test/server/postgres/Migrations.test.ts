import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { DatabaseIsNewer, migrate, newestKnown } from "../../../src/server/postgres/Migrations.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import { newDatabase, newDatabaseLayer } from "../../support/testDatabase.ts"

it.live("migrates an empty database once, with several servers starting at the same moment", () =>
  Effect.gen(function* () {
    const url = yield* newDatabase
    const start = Effect.provide(migrate, Postgres.layer({ url }))
    const completed = yield* Effect.all([start, start, start, start], { concurrency: "unbounded" })
    const [all = [], ...none] = completed.toSorted((left, right) => right.length - left.length)
    assert.strictEqual(all.at(-1)?.[0], newestKnown)
    assert.deepStrictEqual(none, [[], [], []])
    assert.deepStrictEqual(yield* start, [])
  })
)

it.live("leaves nothing behind when a migration fails", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* sql`create table idempotency_key (already_taken int)`
    const error = yield* Effect.flip(migrate)
    assert.strictEqual(error._tag, "MigrationError")
    const tables = yield* sql`select tablename from pg_tables where schemaname = 'public'`
    assert.deepStrictEqual(tables, [{ tablename: "idempotency_key" }])
    yield* sql`drop table idempotency_key`
    assert.strictEqual((yield* migrate).at(-1)?.[0], newestKnown)
  }).pipe(Effect.provide(newDatabaseLayer))
)

it.live("refuses a database that a newer program has migrated", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* migrate
    yield* sql`insert into lazyboss_migration (migration_id, name) values (9001, 'to_come')`
    const error = yield* Effect.flip(migrate)
    assert.deepStrictEqual(error, new DatabaseIsNewer({ database: 9_001, known: newestKnown }))
    assert.strictEqual(
      error.message,
      `the database was migrated by a newer lazyboss: it is at migration 9001, and this program knows them up to ${newestKnown}`
    )
  }).pipe(Effect.provide(newDatabaseLayer))
)
