import { assert, describe, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg/PgClient"
import { Effect, Layer } from "effect"
import * as EmbeddedPostgres from "../../../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import { vacuum } from "../../../../src/server/postgres/embedded/Vacuum.ts"
import { newDataDirectory } from "./dataDirectories.ts"

describe("Vacuum", () => {
  it.live("clears away dead rows where there are many, and only there", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient
      yield* sql`create table busy (id int primary key, value int)`
      yield* sql`create table quiet (id int primary key, value int)`
      yield* sql`insert into busy select n, 0 from generate_series(1, 3000) as n`
      yield* sql`insert into quiet select n, 0 from generate_series(1, 3000) as n`
      yield* sql`update busy set value = 1`
      yield* sql`update quiet set value = 1 where id <= 1000`
      yield* sql`select pg_stat_force_next_flush()`
      assert.deepStrictEqual(yield* vacuum, ["busy"])
      yield* sql`select pg_stat_force_next_flush()`
      assert.deepStrictEqual(yield* vacuum, [])
    }).pipe(
      Effect.provide(
        Layer.unwrap(Effect.map(newDataDirectory, (dataDir) => EmbeddedPostgres.layer({ dataDir })))
      ),
      Effect.scoped
    )
  )
})
