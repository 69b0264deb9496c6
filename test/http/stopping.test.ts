/** A server that is told to stop: nobody is left waiting, and nothing is assigned to be lost. */
import { assert, describe, it } from "@effect/vitest"
import { call, expectStatus, open } from "../support/http.ts"
import { askFor, create, follow, newName, startOne } from "../support/jobs.ts"
import { converse, seen } from "../support/progress.ts"
import { eventsOf, sse } from "../support/sse.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start } from "../support/TestServer.ts"
import { pass, timed } from "../support/waiting.ts"

describe(`stopping (${theStore.name})`, () => {
  it("answers waiting polls with 204, ends streams, and is quick", async () => {
    const server = await start(theStore, quickPolicy)
    const type = newName("type")
    const held = await startOne(server)
    const { id } = await create(server, { type })
    const poll = askFor(server, "w", { types: [newName("type")] }, "60s")
    const response = await open(server, "POST", "/jobs/attempt", {
      as: "w",
      json: { types: [newName("type")] },
      headers: { accept: "text/event-stream" }
    })
    const claims = eventsOf(response)
    const follower = await follow(server, id)
    await follower.take()
    const talk = await converse(server, held)
    talk.say(sse(1, "log_chunk", "a"))
    assert.deepStrictEqual(await talk.events.take(), seen(1))
    await pass(50)

    const [, took] = await timed(async () => {
      const stopping = server.stop()
      expectStatus(await poll, 204)
      assert.deepStrictEqual(await claims.rest(), [])
      assert.deepStrictEqual(await follower.rest(), [])
      await talk.events.rest()
      talk.hangUp()
      await stopping
    })
    assert.isBelow(took, 3_000)
    assert.deepStrictEqual(server.errors, [])
    let isRefused = false
    await call(server, "GET", "/healthz").catch(() => (isRefused = true))
    assert.isTrue(isRefused)
  })

  it("answers a GET that waits for the end of a job", async () => {
    const server = await start(theStore, quickPolicy)
    const { id } = await create(server, { type: newName("type") })
    const waiting = call(server, "GET", `/jobs/${id}?wait=10m`)
    await pass(50)
    const [answer, took] = await timed(async () => {
      const stopping = server.stop()
      const answer = await waiting
      await stopping
      return answer
    })
    expectStatus(answer, 200)
    assert.isBelow(took, 3_000)
  })
})
