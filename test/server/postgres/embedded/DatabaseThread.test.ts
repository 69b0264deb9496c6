import { assert, describe, it } from "@effect/vitest"
import * as PgProtocol from "@effect/sql-pg/PgProtocol"
import * as Effect from "effect/Effect"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseThread } from "../../../../src/server/postgres/embedded/DatabaseThread.ts"
import { encodeQuery } from "../../../../src/server/postgres/embedded/frontendMessages.ts"
import { startPostgres } from "../../../../src/server/postgres/embedded/postgresProcess.ts"
import { newDataDirectory } from "./dataDirectories.ts"
import { startup, WireClient } from "./wireClient.ts"

const newThread = (crashes: Array<string> = [], grace = Promise.resolve()) =>
  Effect.gen(function* () {
    const clusterDirectory = join(yield* newDataDirectory, "postgres")
    const thread = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new DatabaseThread({
            clusterDirectory,
            onLog: () => {},
            onCrash: (reason) => crashes.push(reason),
            grace: () => grace
          })
      ),
      (thread) => Effect.promise(() => thread.stop())
    )
    return { thread, clusterDirectory }
  })

const open = (thread: DatabaseThread) =>
  Effect.promise(async () => {
    const client = new WireClient(thread.connect())
    client.send(startup)
    await client.answer()
    return client
  })

const statement = (query: string): Uint8Array =>
  Buffer.concat([
    parse(query),
    Uint8Array.of("B".charCodeAt(0), 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0),
    PgProtocol.encodeDescribe({ target: "portal", name: "" }),
    PgProtocol.encodeExecute({ portal: "", maxRows: 0 })
  ])

const parse = (query: string): Uint8Array => {
  const text = Buffer.from(`\0${query}\0\0\0`)
  const header = Buffer.alloc(5)
  header.write("P")
  header.writeInt32BE(text.length + 4, 1)
  return Buffer.concat([header, text])
}

const sync = PgProtocol.encodeSync()

/** What a PostgreSQL server answers: 1 parsed, 2 bound, T row description, D row, C complete, E error, Z ready. */
const exchanges: ReadonlyArray<readonly [string, ReadonlyArray<Uint8Array>, ReadonlyArray<string>]> = [
  ["a query", [encodeQuery("SELECT 1; SELECT 2")], ["TDCTDCZI"]],
  ["a query that fails midway", [encodeQuery("SELECT 1; SELECT 1/0; SELECT 2")], ["TDCEZI"]],
  ["an empty query", [encodeQuery("")], ["IZI"]],
  [
    "two exchanges at once",
    [statement("SELECT 1"), sync, statement("SELECT 2"), sync],
    ["12TDCZI", "12TDCZI"]
  ],
  ["a pipeline", [statement("SELECT 1"), statement("SELECT 2"), sync], ["12TDC12TDCZI"]],
  [
    "a pipeline with an error: the rest is left out up to its sync, what follows is not",
    [
      statement("SELECT 1"),
      statement("SELECT 1/0"),
      statement("SELECT 2"),
      sync,
      statement("SELECT 3"),
      sync
    ],
    ["12TDC1EZI", "12TDCZI"]
  ],
  [
    "a failed transaction",
    [encodeQuery("BEGIN"), statement("SELEC"), sync, statement("SELECT 1"), sync, encodeQuery("COMMIT")],
    ["CZT", "EZE", "EZE", "CZI"]
  ]
]

describe("the database's thread", () => {
  it.live("answers as a server does, however the messages are cut", () =>
    Effect.gen(function* () {
      const { thread } = yield* newThread()
      const client = yield* open(thread)
      for (const chunkSize of [undefined, 1, 7]) {
        for (const [name, messages, expected] of exchanges) {
          client.send(Buffer.concat(messages), chunkSize)
          for (const types of expected) {
            assert.strictEqual(
              yield* Effect.promise(() => client.answer()),
              types,
              `${name}, cut by ${chunkSize}`
            )
          }
        }
      }
      client.socket.end()
    })
  )

  it.live("leaves nothing of a session to the next", () =>
    Effect.gen(function* () {
      const patience = Promise.withResolvers<void>()
      const { thread } = yield* newThread([], patience.promise)
      const first = yield* open(thread)
      for (const query of ["SET application_name = 'first'", "CREATE TEMP TABLE leftover ()", "BEGIN"]) {
        first.send(encodeQuery(query))
        yield* Effect.promise(() => first.answer())
      }
      first.send(statement("SELECT 1/0"))
      first.socket.destroy()
      const second = yield* open(thread)
      second.send(encodeQuery("SELECT 1/length(current_setting('application_name'))"))
      assert.strictEqual(yield* Effect.promise(() => second.answer()), "TEZI")
      second.send(encodeQuery("SELECT * FROM leftover"))
      assert.strictEqual(yield* Effect.promise(() => second.answer()), "EZI")
      second.socket.end()
    })
  )

  it.live("ends a statement that nobody waits for any more, and goes on", () =>
    Effect.gen(function* () {
      const crashes: Array<string> = []
      const { thread } = yield* newThread(crashes)
      const first = yield* open(thread)
      first.send(encodeQuery("CREATE TABLE kept ()"))
      yield* Effect.promise(() => first.answer())
      first.send(encodeQuery("DO $$ BEGIN LOOP END LOOP; END $$"))
      first.socket.destroy()
      const second = yield* open(thread)
      second.send(encodeQuery("SELECT * FROM kept"))
      assert.strictEqual(yield* Effect.promise(() => second.answer()), "TCZI")
      assert.deepStrictEqual(crashes, ["a statement was cancelled that went on and on"])
      second.socket.end()
    })
  )

  it.live("keeps its log short", () =>
    Effect.gen(function* () {
      const { thread, clusterDirectory } = yield* newThread()
      const client = yield* open(thread)
      client.send(encodeQuery("CREATE TABLE growing (number int)"))
      yield* Effect.promise(() => client.answer())
      for (let number = 0; number < 15; number++) {
        client.send(encodeQuery(`INSERT INTO growing VALUES (${number}); SELECT pg_switch_wal()`))
        yield* Effect.promise(() => client.answer())
      }
      const files = yield* Effect.promise(() => readdir(join(clusterDirectory, "pg_wal")))
      assert.isBelow(files.filter((file) => /^[0-9A-F]{24}$/.test(file)).length, 10)
      client.socket.end()
    })
  )

  it.live("syncs its log once for each commit", () =>
    Effect.gen(function* () {
      const clusterDirectory = join(yield* newDataDirectory, "postgres")
      const synced: Array<string> = []
      yield* Effect.promise(async () => {
        const postgres = await startPostgres({ clusterDirectory, onSync: (path) => synced.push(path) })
        await postgres.exec("CREATE TABLE commits (number int)")
        synced.length = 0
        for (let number = 0; number < 20; number++)
          await postgres.exec(`INSERT INTO commits VALUES (${number})`)
        const commits = [...synced]
        await postgres.close()
        assert.strictEqual(commits.length, 20)
        assert.isTrue(commits.every((path) => path.includes("/pg_wal/")))
      })
    })
  )
})
