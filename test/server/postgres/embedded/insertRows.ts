import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as EmbeddedPostgres from "../../../../src/server/postgres/embedded/EmbeddedPostgres.ts"

/** Inserts 1, 2, 3, … until it is killed, and says each number once its row is acknowledged. */
const [, , dataDir = ""] = process.argv

const insertRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS numbers (number int PRIMARY KEY)`
  for (let number = 1; ; number++) {
    yield* sql`INSERT INTO numbers VALUES (${number})`
    console.log(number)
  }
})

await Effect.runPromise(insertRows.pipe(Effect.provide(EmbeddedPostgres.layer({ dataDir }))))
