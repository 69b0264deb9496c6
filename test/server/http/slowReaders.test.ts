/** Readers that do not keep up, over a real socket: what they miss is told to them, and costs nobody anything. */
import { connect } from "node:net"
import { assert, it } from "@effect/vitest"
import { createMany, newName } from "../../support/jobs.ts"
import { withServer } from "../../support/TestServer.ts"
import { eventually } from "../../support/waiting.ts"

/** More than the feed keeps and all buffers of a connection hold, of events of about 350 bytes. */
const jobs = 60_000
const batch = 1_000

withServer("a reader of the feed that stops reading", (server) => {
  it("is told that it missed something, and goes on with the newest", async () => {
    const type = newName("t".repeat(80))
    const socket = connect(server.port, "127.0.0.1").setEncoding("latin1")
    let received = ""
    socket.on("data", (data) => (received += String(data)))
    socket.write(`GET /events?type=${type} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`)
    await eventually(() => assert.include(received, ": keep-alive"))

    socket.pause()
    for (let made = 0; made < jobs; made += batch) {
      await createMany(
        server,
        Array.from({ length: batch }, () => ({ type, delay: "1h" }))
      )
    }
    assert.notInclude(received, "event: reset")
    socket.resume()
    await eventually(() => assert.include(received, "event: reset\n"))

    const [job] = await createMany(server, [{ type, delay: "1h" }])
    await eventually(() =>
      assert.include(received.slice(received.indexOf("event: reset")), job?.id ?? "a job")
    )
    const told = received.match(/event: job\.created\n/g)?.length ?? 0
    assert.isBelow(told, jobs)
    socket.destroy()
  })
})
