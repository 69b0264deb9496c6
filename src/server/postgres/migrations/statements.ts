/** A migration that is a list of statements. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

export const statements = (texts: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient, (sql) =>
    Effect.forEach(texts, (text) => sql.unsafe(text).unprepared, { discard: true })
  )
