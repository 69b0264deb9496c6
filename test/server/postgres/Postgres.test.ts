import { connect, createServer } from "node:net"
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import { newDatabase, newDatabaseLayer } from "../../support/testDatabase.ts"

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

/** Hands on what comes to `port`, or to a free port, to the port `to`. Gives the port and how to stop. */
const forward = (to: number, port = 0) =>
  Effect.callback<{ readonly port: number; readonly stop: Effect.Effect<void> }>((resume) => {
    const proxy = createServer((client) => {
      const server = connect(to, "127.0.0.1")
      client.pipe(server).pipe(client)
      for (const socket of [client, server]) socket.on("error", () => socket.destroy())
    })
    proxy.listen(port, "127.0.0.1", () => {
      const address = proxy.address()
      resume(
        address === null || typeof address === "string"
          ? Effect.die("no port")
          : Effect.succeed({
              port: address.port,
              stop: Effect.callback<void>((resume) => {
                proxy.close(() => resume(Effect.void))
              })
            })
      )
    })
  })

it.live("waits for a database that is just starting", () =>
  Effect.gen(function* () {
    const url = new URL(Redacted.value(yield* newDatabase))
    const databasePort = Number(url.port)
    const { port, stop } = yield* forward(databasePort)
    yield* stop
    url.port = String(port)
    const answer = Effect.flatMap(PgClient, (sql) => sql`select 1 as one`)
    const waiting = yield* Effect.forkChild(
      Effect.provide(answer, Postgres.layer({ url: Redacted.make(url.href) }))
    )
    yield* Effect.sleep("1 second")
    const up = yield* forward(databasePort, port)
    assert.deepStrictEqual(yield* Fiber.join(waiting), [{ one: 1 }])
    yield* up.stop
  })
)
