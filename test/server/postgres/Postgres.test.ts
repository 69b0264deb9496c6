import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import { forward } from "../../support/databaseProxy.ts"
import { newDatabase, newDatabaseLayer } from "../../support/testDatabase.ts"
import { eventually } from "../../support/waiting.ts"

const refusal = (url: string) =>
  Effect.flip(Effect.scoped(Layer.build(Postgres.layer({ url: Redacted.make(url) }))))

it.live("plans by index, and only once", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    const rows = yield* sql`
      select name, setting from pg_settings
      where name in ('enable_seqscan', 'plan_cache_mode', 'application_name') order by name`
    assert.deepStrictEqual(
      rows.map(({ setting }) => setting),
      ["lazyboss", "off", "force_generic_plan"]
    )
  }).pipe(Effect.provide(newDatabaseLayer))
)

it.live("says at once that the database lets nobody in", () =>
  Effect.gen(function* () {
    const url = Redacted.value(yield* newDatabase)
    const wrongPassword = yield* refusal(url.replace(":password@", ":wrong@"))
    assert.strictEqual(
      wrongPassword.message,
      'cannot reach the database: password authentication failed for user "postgres"'
    )
    const noDatabase = yield* refusal(url.replace(/test_\w+$/, "no_such_database"))
    assert.strictEqual(
      noDatabase.message,
      'cannot reach the database: database "no_such_database" does not exist'
    )
  })
)

it.live("waits for a database that is just starting", () =>
  Effect.gen(function* () {
    const url = new URL(Redacted.value(yield* newDatabase))
    const databasePort = Number(url.port)
    const down = yield* Effect.promise(() => forward(databasePort))
    down.refuse()
    url.port = String(down.port)
    const answer = Effect.flatMap(PgClient, (sql) => sql`select 1 as one`)
    const waiting = yield* Effect.forkChild(
      Effect.provide(answer, Postgres.layer({ url: Redacted.make(url.href) }))
    )
    // Turned away once, it knows that the database is not there.
    yield* Effect.promise(() => eventually(() => assert.isAbove(down.refused(), 0)))
    yield* Effect.promise(down.stop)
    const up = yield* Effect.promise(() => forward(databasePort, down.port))
    assert.deepStrictEqual(yield* Fiber.join(waiting), [{ one: 1 }])
    yield* Effect.promise(up.stop)
  })
)
