import { assert, describe, it, layer } from "@effect/vitest"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { rename } from "node:fs/promises"
import { join } from "node:path"
import * as EmbeddedPostgres from "../../../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import { postgresVersion } from "../../../../src/server/postgres/embedded/postgresVersion.ts"
import * as ChildProgram from "./childPrograms.ts"
import { newDataDirectory } from "./dataDirectories.ts"

const Database = Layer.unwrap(Effect.map(newDataDirectory, (dataDir) => EmbeddedPostgres.layer({ dataDir })))

/** As one server's run on the directory. */
const withDatabase =
  (dataDir: string) =>
  <A, E>(run: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
    Effect.flatMap(SqlClient.SqlClient, run).pipe(Effect.provide(EmbeddedPostgres.layer({ dataDir })))

layer(Database, { excludeTestServices: true, timeout: 60_000 })("a database", (it) => {
  it.effect("is the version that data directories are checked for", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{
        readonly version: string
      }>`SELECT current_setting('server_version') AS version`
      assert.strictEqual(row?.version.split(".")[0], postgresVersion)
    })
  )

  it.effect("runs as a server that keeps what it acknowledges", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql`
        SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
          current_setting('synchronous_commit') AS synchronous_commit,
          current_setting('wal_sync_method') AS wal_sync_method, current_user::text AS "user"`
      assert.deepStrictEqual(rows, [
        {
          fsync: "on",
          full_page_writes: "on",
          synchronous_commit: "on",
          wal_sync_method: "fsync",
          user: "postgres"
        }
      ])
    })
  )

  it.effect("takes and gives every type that lazyboss stores", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* sql`CREATE TABLE kinds (body jsonb, bytes bytea, at timestamptz, words text[], flag boolean)`
      const at = new Date("2024-02-29T12:34:56.789Z")
      const bytes = Uint8Array.of(0, 1, 127, 128, 255)
      const body = { camelCase: [1, "zwei", null, { deep_er: true }], text: "a\nb\u00fc" }
      yield* sql`INSERT INTO kinds VALUES (${sql.json(body)}, ${bytes}, ${at}, ${["x", 'y"z']}, ${true})`
      const [row] = yield* sql`SELECT body, bytes, at, words, flag FROM kinds`
      assert.deepStrictEqual(row?.["body"], body)
      assert.deepStrictEqual(Uint8Array.from(Object(row?.["bytes"])), bytes)
      assert.deepStrictEqual(row?.["at"], at)
      assert.deepStrictEqual(row?.["words"], ["x", 'y"z'])
      assert.strictEqual(row?.["flag"], true)
    })
  )

  it.effect("takes a batch as arrays", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const names = Array.from({ length: 1000 }, (_, index) => `name ${index}`)
      const numbers = names.map((_, index) => index)
      yield* sql`CREATE TABLE batches (name text, number int)`
      yield* sql`INSERT INTO batches SELECT * FROM unnest(${names}::text[], ${numbers}::int4[])`
      const rows =
        yield* sql`SELECT count(*)::int AS count, sum(number)::int AS sum, max(name) AS name FROM batches`
      assert.deepStrictEqual(rows, [{ count: 1000, sum: 499500, name: "name 999" }])
    })
  )

  it.effect("commits a transaction, and undoes one that fails", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE steps (step text)`
      yield* sql.withTransaction(sql`INSERT INTO steps VALUES ('kept')`)
      const failed = yield* Effect.exit(
        sql.withTransaction(
          Effect.andThen(sql`INSERT INTO steps VALUES ('undone')`, Effect.fail("changed my mind" as const))
        )
      )
      assert.deepStrictEqual(failed, Exit.fail("changed my mind"))
      assert.deepStrictEqual(yield* sql`SELECT step FROM steps`, [{ step: "kept" }])
    })
  )

  it.effect("goes on after an error inside a transaction", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE doubts (doubt int PRIMARY KEY)`
      const error = yield* Effect.flip(
        sql.withTransaction(
          Effect.andThen(sql`INSERT INTO doubts VALUES (1)`, sql`INSERT INTO doubts VALUES (1)`)
        )
      )
      assert.strictEqual(error.reason._tag, "UniqueViolation")
      assert.deepStrictEqual(yield* sql`SELECT doubt FROM doubts`, [])
      yield* sql.withTransaction(sql`INSERT INTO doubts VALUES (2)`)
      assert.deepStrictEqual(yield* sql`SELECT doubt FROM doubts`, [{ doubt: 2 }])
    })
  )

  it.effect("answers each statement of a pipeline, the failed ones too", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const answers = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => index),
        (index) =>
          sql<{ readonly answer: number }>`SELECT ${index}::int / (${index}::int % 3) AS answer`.pipe(
            Effect.map((rows) => rows[0]?.answer),
            Effect.catch((error) => Effect.succeed(error.reason._tag))
          ),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        answers,
        answers.map((_, index) => (index % 3 === 0 ? "UnknownError" : Math.trunc(index / (index % 3))))
      )
    })
  )

  it.effect("keeps transactions apart from what runs beside them", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE counters (count int)`
      yield* sql`INSERT INTO counters VALUES (0)`
      const increment = sql.withTransaction(
        Effect.gen(function* () {
          const [row] = yield* sql<{ readonly count: number }>`SELECT count FROM counters`
          yield* Effect.yieldNow
          yield* sql`UPDATE counters SET count = ${(row?.count ?? 0) + 1}`
        })
      )
      const read = sql`SELECT count FROM counters`
      yield* Effect.all([Effect.replicateEffect(increment, 20), Effect.replicateEffect(read, 200)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(yield* read, [{ count: 20 }])
    })
  )

  it.effect("takes and gives values of 16 MiB", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const value = "0123456789abcdef".repeat(1024 * 1024)
      const [row] = yield* sql<{ readonly value: string }>`SELECT ${value}::text AS value`
      assert.isTrue(row?.value === value)
    })
  )
})

describe("the files of a database", () => {
  it.live("are found again", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      yield* withDatabase(dataDir)((sql) =>
        Effect.andThen(sql`CREATE TABLE notes (note text)`, sql`INSERT INTO notes VALUES ('kept')`)
      )
      const rows = yield* withDatabase(dataDir)((sql) => sql`SELECT note FROM notes`)
      assert.deepStrictEqual(rows, [{ note: "kept" }])
    })
  )

  it.live("hold every acknowledged row after kill -9", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      const child = yield* ChildProgram.start("insertRows.ts", dataDir)
      yield* child.said(200)
      yield* child.kill
      const rows = yield* withDatabase(dataDir)(
        (sql) => sql<{ readonly number: number }>`SELECT number FROM numbers ORDER BY number`
      )
      const found = rows.map((row) => String(row.number))
      assert.deepStrictEqual(found.slice(0, child.lines.length), [...child.lines])
      // The one whose answer was on its way may be there too, and no more.
      assert.isAtMost(found.length, child.lines.length + 1)
    })
  )

  it.live("are kept from a second server", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      const child = yield* ChildProgram.start("insertRows.ts", dataDir)
      yield* child.said(1)
      const error = yield* Effect.flip(withDatabase(dataDir)((sql) => sql`SELECT 1`))
      assert.strictEqual(error._tag, "DataDirectoryInUse")
      assert.include(
        error.message,
        `the data directory ${dataDir} is in use by process ${child.processId} (on `
      )
      assert.include(error.message, "stop it, or give this server another --data-dir")
    })
  )

  it.live("survive a database that crashes while it runs", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      const log = join(dataDir, "postgres", "pg_wal")
      yield* withDatabase(dataDir)((sql) =>
        Effect.gen(function* () {
          yield* sql`CREATE TABLE notes (note text)`
          yield* sql`INSERT INTO notes VALUES ('before')`
          // PostgreSQL gives up when it cannot write its log.
          yield* Effect.promise(() => rename(log, `${log}.away`))
          yield* sql`SELECT pg_switch_wal()::text`
          const failures = yield* Effect.forEach(
            ["INSERT INTO notes VALUES ('during')", "SELECT 1", "SELECT 2"],
            (statement) => Effect.flip(sql.unsafe(statement)),
            { concurrency: "unbounded" }
          ).pipe(Effect.timeout("20 seconds"))
          assert.isTrue(failures.every(isSqlError))
          yield* Effect.promise(() => rename(`${log}.away`, log))
          yield* sql`INSERT INTO notes VALUES ('after')`
          assert.deepStrictEqual(yield* sql`SELECT note FROM notes`, [{ note: "before" }, { note: "after" }])
        })
      )
    })
  )
})
