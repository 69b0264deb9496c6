/** Tokens in a database that several servers share, and in which nobody may find a secret. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg/PgClient"
import { Effect, Layer, Option, Redacted } from "effect"
import { Tokens } from "../../../src/domain/access/Tokens.ts"
import { LocalTokensLive } from "../../../src/server/LocalTokens.ts"
import * as Notifications from "../../../src/server/postgres/Notifications.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { call, expectStatus } from "../../support/http.ts"
import { newDatabase } from "../../support/testDatabase.ts"
import { quickPolicy, start, type TestServer } from "../../support/TestServer.ts"
import { createToken } from "../../support/tokens.ts"
import { eventually, timed } from "../../support/waiting.ts"

describe("tokens in a shared database", () => {
  let url: Redacted.Redacted
  let first: TestServer
  let second: TestServer
  beforeAll(async () => {
    url = await Effect.runPromise(newDatabase)
    const store = {
      name: "PostgreSQL",
      layer: Layer.merge(PostgresStore.layerMigrated, Notifications.layer).pipe(
        Layer.provide(Postgres.layer({ url, maxConnections: 4 }))
      )
    }
    first = await start(store, quickPolicy)
    second = await start(store, quickPolicy)
  })
  afterAll(async () => {
    await first.stop()
    await second.stop()
  })

  /** Opens the store, as the command line does, and closes it as soon as that is done. */
  const locally = <A, E>(use: (tokens: typeof Tokens.Service) => Effect.Effect<A, E>) =>
    Effect.flatMap(Tokens, use).pipe(
      Effect.provide(LocalTokensLive({ databaseUrl: Option.some(url), dataDir: "none" })),
      Effect.runPromise
    )

  /** That a server answers so within a second. */
  const answersSoon = async (server: TestServer, as: string, status: number) => {
    const [, millis] = await timed(() =>
      eventually(async () => expectStatus(await call(server, "GET", "/jobs", { as }), status))
    )
    assert.isBelow(millis, 1_000)
  }

  it("are in force and out of force on all servers within a second, whoever made them", async () => {
    const supervisor = await createToken(first, "supervisor", "supervisor")
    await answersSoon(second, "ann", 401)
    await answersSoon(second, supervisor, 200)
    for (const name of ["one", "two", "three"]) {
      const there = await createToken(second, name, "client", supervisor)
      await answersSoon(first, there, 200)
      expectStatus(await call(first, "DELETE", `/tokens/${name}`, { as: supervisor }), 204)
      await answersSoon(second, there, 401)

      const local = Redacted.value((await locally(({ create }) => create(name, "client"))).secret)
      await answersSoon(first, local, 200)
      await answersSoon(second, local, 200)
      await locally(({ revoke }) => revoke(name))
      await answersSoon(first, local, 401)
      await answersSoon(second, local, 401)
    }
  })

  it("are kept as the SHA-256 of their secrets alone", async () => {
    const { secret } = await locally(({ create }) => create("kept", "supervisor"))
    const text = Redacted.value(secret)
    const rows = await Effect.runPromise(
      Effect.flatMap(
        PgClient,
        (sql) => sql`select token::text as row, encode(hash, 'hex') as hash from token`
      ).pipe(Effect.provide(Postgres.layer({ url })))
    )
    const written = JSON.stringify(rows)
    assert.include(written, "kept")
    const bytes = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text)))
    assert.include(written, bytes.toString("hex"))
    const raw = Buffer.from(text.slice(4), "base64url")
    for (const leak of [text, text.slice(4), raw.toString("hex"), Buffer.from(text).toString("hex")]) {
      assert.notInclude(written, leak)
    }
  })

  it("let no two servers revoke the last two supervisors at once", async () => {
    const make = (name: string) => locally(({ create }) => create(name, "supervisor"))
    await locally(({ current, revoke }) =>
      Effect.forEach(current(), ({ name }) => Effect.ignore(revoke(name)), { discard: true })
    )
    const [boss, deputy] = [await make("boss"), await make("deputy")]
    await locally(({ create }) => create("client", "client"))
    for (const server of [first, second]) {
      for (const { secret } of [boss, deputy]) await answersSoon(server, Redacted.value(secret), 200)
    }
    const as = Redacted.value(boss.secret)
    const answers = await Promise.all([
      call(first, "DELETE", "/tokens/deputy", { as }),
      call(second, "DELETE", "/tokens/boss", { as })
    ])
    assert.deepStrictEqual(answers.map(({ status }) => status).toSorted(), [204, 409])
  })
})
