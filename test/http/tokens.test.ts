/** Tokens over HTTP: made, listed, revoked, and what is said of them and what is not. */
import { randomUUID } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import {
  asRecords,
  call,
  type CallOptions,
  expectInvalid,
  expectProblem,
  expectStatus,
  jsonOf,
  open
} from "../support/http.ts"
import { create, newName } from "../support/jobs.ts"
import { eventsOf } from "../support/sse.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { createToken, createTokens, spellings } from "../support/tokens.ts"
import { troubledStore } from "../support/troubledStore.ts"

/** On a server of its own: tokens change what all callers of a server may do. */
const alone = (test: (server: TestServer) => Promise<void>) => async () => {
  const server = await start(theStore, quickPolicy)
  try {
    await test(server)
  } finally {
    await server.stop()
  }
  assert.deepStrictEqual(server.errors, [])
}

const post = (server: TestServer, json: unknown, options: CallOptions = {}) =>
  call(server, "POST", "/tokens", { json, ...options })

const names = async (server: TestServer, as: string) =>
  asRecords(jsonOf(expectStatus(await call(server, "GET", "/tokens", { as }), 200))).map(({ name }) => name)

describe(`tokens (${theStore.name})`, () => {
  it(
    "are shown with their secret once, and without it ever after",
    alone(async (server) => {
      const answer = expectStatus(await post(server, { name: "ann", role: "supervisor" }), 201)
      assert.strictEqual(answer.headers.get("cache-control"), "no-store")
      const [created] = asRecords([jsonOf(answer)])
      assert.sameMembers(Object.keys(created ?? {}), ["name", "role", "createdAt", "token"])
      const secret = String(created?.["token"])
      assert.match(secret, /^lzb_[A-Za-z0-9_-]{43}$/)
      await createToken(server, "Zoe", "client", secret)
      const listed = await call(server, "GET", "/tokens", { as: secret })
      const { createdAt } = created ?? {}
      assert.deepStrictEqual(asRecords(jsonOf(listed))[1], { name: "ann", role: "supervisor", createdAt })
      assert.deepStrictEqual(await names(server, secret), ["Zoe", "ann"])
      assert.notInclude(listed.text, "lzb_")
    })
  )

  it(
    "must begin with a supervisor's",
    alone(async (server) => {
      for (const role of ["client", "worker"]) {
        expectProblem(await post(server, { name: "ann", role }), 409, "supervisor-needed")
      }
      expectStatus(await call(server, "GET", "/tokens"), 200)
    })
  )

  it(
    "have each a name of its own",
    alone(async (server) => {
      const { supervisor } = await createTokens(server)
      for (const role of ["client", "supervisor"]) {
        const answer = await post(server, { name: "client", role }, { as: supervisor })
        expectProblem(answer, 409, "token-exists")
      }
    })
  )

  it(
    "have a name without a slash and without a colon",
    alone(async (server) => {
      for (const name of ["a/b", "a:b", "", "-a", "a".repeat(129), "ä"]) {
        assert.deepStrictEqual(
          expectInvalid(await post(server, { name, role: "supervisor" })),
          ["name"],
          name
        )
      }
      expectStatus(await post(server, { name: `a${"b@._-".repeat(25)}cd`, role: "supervisor" }), 201)
    })
  )

  it(
    "are forgotten when they are revoked, on connections that are open as well",
    alone(async (server) => {
      const { client, supervisor } = await createTokens(server)
      // The client keeps its connections alive, and the server has seen the secret before.
      for (const _ of [1, 2]) expectStatus(await call(server, "GET", "/jobs", { as: client }), 200)
      expectStatus(await call(server, "DELETE", "/tokens/client", { as: supervisor }), 204)
      expectProblem(await call(server, "GET", "/jobs", { as: client }), 401, "unauthenticated")
      expectProblem(
        await call(server, "DELETE", "/tokens/client", { as: supervisor }),
        404,
        "token-not-found"
      )
      assert.deepStrictEqual(await names(server, supervisor), ["supervisor", "worker"])
    })
  )

  it(
    "end with what was open by them, and give no more jobs",
    alone(async (server) => {
      const anybody = eventsOf(await open(server, "GET", "/events"))
      const { client, supervisor, worker } = await createTokens(server)
      await anybody.rest()
      const type = newName("type")
      const body = JSON.stringify({ types: [type] })
      const wish = { as: worker, headers: { "content-type": "application/json" }, body }
      const stream = eventsOf(
        await open(server, "POST", "/jobs/attempt", {
          ...wish,
          headers: { ...wish.headers, accept: "text/event-stream" }
        })
      )
      const poll = call(server, "POST", "/jobs/attempt?wait=10s", wish)
      const { id: waitedFor } = await create(server, { type, delay: "1h" }, { as: supervisor })
      const waiting = call(server, "GET", `/jobs/${waitedFor}?wait=10m`, { as: client })
      const others = eventsOf(await open(server, "GET", "/events?event=attempt.released", { as: supervisor }))
      for (const name of ["client", "worker"]) {
        expectStatus(await call(server, "DELETE", `/tokens/${name}`, { as: supervisor }), 204)
      }
      await stream.rest()
      const { id } = await create(server, { type }, { as: supervisor })
      expectProblem(await waiting, 401, "unauthenticated")
      // Who waits when the token is revoked is refused when there is a job, which nobody has lost.
      expectProblem(await poll, 401, "unauthenticated")
      assert.include((await others.until(({ event }) => event !== "stats")).at(-1)?.data, id)
    })
  )

  it(
    "of a new secret replace the old ones of the same name",
    alone(async (server) => {
      const { client, supervisor } = await createTokens(server)
      expectStatus(await call(server, "DELETE", "/tokens/client", { as: supervisor }), 204)
      const next = await createToken(server, "client", "client", supervisor)
      expectProblem(await call(server, "GET", "/jobs", { as: client }), 401, "unauthenticated")
      expectStatus(await call(server, "GET", "/jobs", { as: next }), 200)
    })
  )

  it(
    "leave a supervisor as long as there are any, and nobody but open servers without",
    alone(async (server) => {
      const { supervisor } = await createTokens(server)
      const revoke = (name: string) => call(server, "DELETE", `/tokens/${name}`, { as: supervisor })
      expectProblem(await revoke("supervisor"), 409, "supervisor-needed")
      expectStatus(await revoke("client"), 204)
      expectStatus(await revoke("worker"), 204)
      expectStatus(await revoke("supervisor"), 204)
      // It listens on loopback: anyone may call again, and what was a secret is no name to be shown.
      const { createdBy } = await create(server, { type: "open-again" }, { as: supervisor })
      assert.isNull(createdBy)
      const named = await create(server, { type: "open-again" }, spellings.Basic("ann/1", supervisor))
      assert.strictEqual(named.createdBy, "ann")
    })
  )

  it(
    "tell nobody whether the name or the secret is wrong",
    alone(async (server) => {
      const { supervisor } = await createTokens(server)
      const texts = await Promise.all(
        [
          spellings.Basic("supervisor", "lzb_wrong"),
          spellings.Basic("nobody", "lzb_wrong"),
          spellings.Basic("nobody", supervisor),
          spellings.Plain("client", supervisor),
          { as: "lzb_wrong" }
        ].map(async (caller) => (await call(server, "GET", "/jobs", caller)).text)
      )
      assert.strictEqual(new Set(texts).size, 1)
      assert.notInclude(texts.join(), "lzb_")
    })
  )
})

describe(`a server that may not be open (${theStore.name})`, () => {
  it("lets in nobody while there is no token", async () => {
    const server = await start(theStore, quickPolicy, { mayBeOpen: false })
    for (const caller of [{}, { as: "ann" }, spellings.Basic("ann", "")]) {
      const { detail } = expectProblem(await call(server, "GET", "/jobs", caller), 401, "unauthenticated")
      assert.include(String(detail), "lazyboss token create")
    }
    expectStatus(await call(server, "GET", "/healthz"), 200)
    await server.stop()
  })
})

describe(`what is logged (${theStore.name})`, () => {
  it("has no secrets, right or wrong, whatever goes wrong", async () => {
    const trouble = troubledStore(theStore)
    const server = await start(trouble.store, quickPolicy, { logLevel: "All" })
    const { client, supervisor } = await createTokens(server)
    const wrong = `lzb_${"w".repeat(43)}`
    const secrets = [client, supervisor, wrong]
    const tryAll = async () => {
      for (const secret of secrets) {
        for (const caller of [
          { as: secret },
          spellings.Basic("client/1", secret),
          spellings.Plain("client", secret)
        ]) {
          await call(server, "GET", `/jobs/${randomUUID()}`, caller)
          await call(server, "GET", `/tokens`, caller)
          await post(server, { name: secret, role: secret, [secret]: secret }, caller)
        }
      }
    }
    await tryAll()
    trouble.fail(new Error("broken"))
    await tryAll()
    trouble.recover()
    await server.stop()
    const logs = server.logs.join("\n")
    assert.include(logs, "broken")
    for (const secret of secrets) {
      assert.notInclude(logs, secret)
      assert.notInclude(logs, Buffer.from(`client/1:${secret}`).toString("base64"))
    }
  })
})
