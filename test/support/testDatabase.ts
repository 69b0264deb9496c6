/** Databases on the tests' PostgreSQL. */
import { randomUUID } from "node:crypto"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { inject } from "vitest"
import * as Postgres from "../../src/server/postgres/Postgres.ts"

/** The URL of a new, empty database. */
export const newDatabase = Effect.gen(function* () {
  const server = inject("postgresServer")
  const name = `test_${randomUUID().replaceAll("-", "")}`
  const client = yield* PgClient.make({ url: Redacted.make(`${server}/postgres`) })
  yield* client.unsafe(`create database ${name}`).unprepared
  return Redacted.make(`${server}/${name}`)
}).pipe(Effect.scoped, Effect.provide(Reactivity.layer))

/** A client of a new, empty database. */
export const newDatabaseLayer = Layer.unwrap(Effect.map(newDatabase, (url) => Postgres.layer({ url })))
