/** A server that is told to stop: nobody is left waiting, and nothing is assigned to be lost. */
import { once } from "node:events"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { type Answer, call, expectProblem, expectStatus, open } from "../support/http.ts"
import { create, follow, newName, startOne } from "../support/jobs.ts"
import { converse, seen } from "../support/progress.ts"
import { answersIn, begin } from "../support/rawSocket.ts"
import { eventsOf, sse } from "../support/sse.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { eventually, timed, within } from "../support/waiting.ts"

/** Stops the server while `meanwhile` goes on, which is no matter of the time that a stopping server gives to answers. */
const stopQuickly = async (server: TestServer, meanwhile: () => Promise<void>): Promise<void> => {
  const [, took] = await timed(() => Promise.all([server.stop(), meanwhile()]))
  assert.isBelow(took, 4_500)
  assert.deepStrictEqual(server.errors, [])
}

describe(`stopping (${theStore.name})`, () => {
  it("answers waiting polls with 204, ends streams, and is quick", async () => {
    const server = await start(theStore, quickPolicy)
    const held = await startOne(server)
    const unwanted = [{ skill: "gpu", op: "exists" }]
    const { id } = await create(server, { type: newName("type"), constraints: unwanted })
    const poll = await begin(server, "POST", "/jobs/attempt?wait=60s", { as: "w" })
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

    await stopQuickly(server, async () => {
      expectStatus(await poll.answer(), 204)
      assert.deepStrictEqual(await claims.rest(), [])
      assert.deepStrictEqual(await follower.rest(), [])
      await talk.events.rest()
      talk.hangUp()
    })
    let isRefused = false
    await call(server, "GET", "/healthz").catch(() => (isRefused = true))
    assert.isTrue(isRefused)
  })

  it("does not wait for connections on which nothing is asked", async () => {
    const server = await start(theStore, quickPolicy)
    const silent = connect(server.port, "127.0.0.1")
    await once(silent, "connect")
    const idle = connect(server.port, "127.0.0.1")
    idle.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await once(idle, "data")
    // Accepted in their order: when the later one is answered, the server has both.
    const closed = Promise.all([silent, idle].map((socket) => once(socket.resume(), "close")))
    await stopQuickly(server, async () => {
      await within(closed, "the end of the connections")
    })
  })

  /** Sends what the server takes up with an answer of its own, and stops it; resolves to what comes after that. */
  const stopDuring = async (server: TestServer, request: string, takenUp: string): Promise<Answer> => {
    const socket = connect(server.port, "127.0.0.1").setEncoding("latin1")
    let received = ""
    socket.on("data", (data) => (received += String(data)))
    const isOver = once(socket, "close")
    socket.write(request)
    await eventually(() => assert.include(received, takenUp))
    await within(server.stop(), "the end of the server")
    await within(isOver, "the end of the connection")
    const [answer] = answersIn(received.slice(received.indexOf(takenUp) + takenUp.length))
    return answer ?? assert.fail("no answer")
  }

  it("says that a connection ends with its last answer", async () => {
    const server = await start(theStore, quickPolicy)
    const poll = "POST /jobs/attempt?wait=60s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer w\r\n\r\n"
    const answer = await stopDuring(
      server,
      `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n${poll}`,
      '{"status":"ok"}'
    )
    expectStatus(answer, 204)
    assert.strictEqual(answer.headers.get("connection"), "close")
  })

  it("says what becomes of a request that does not arrive in time", async () => {
    const server = await start(theStore, quickPolicy)
    const headers =
      "Host: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 50\r\n"
    const answer = await stopDuring(
      server,
      `POST /jobs HTTP/1.1\r\n${headers}\r\n`,
      "HTTP/1.1 100 Continue\r\n\r\n"
    )
    expectProblem(answer, 503, "unavailable")
    assert.strictEqual(answer.headers.get("retry-after"), "1")
    assert.strictEqual(answer.headers.get("connection"), "close")
  })

  it("answers a GET that waits for the end of a job", async () => {
    const server = await start(theStore, quickPolicy)
    const { id } = await create(server, { type: newName("type") })
    const waiting = await begin(server, "GET", `/jobs/${id}?wait=10m`)
    await stopQuickly(server, async () => {
      expectStatus(await waiting.answer(), 200)
    })
  })
})
