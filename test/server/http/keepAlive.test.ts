/** Streams on which nothing happens, whatever the store. */
import { assert, it } from "@effect/vitest"
import { open } from "../../support/http.ts"
import { create, follow, newName, startOne } from "../../support/jobs.ts"
import { converse } from "../../support/progress.ts"
import { eventsOf } from "../../support/sse.ts"
import { withServer } from "../../support/TestServer.ts"
import { eventually } from "../../support/waiting.ts"

withServer("a quiet stream", (server) => {
  it("of any kind is kept alive with a comment at least every 15 s", async () => {
    const { id } = await create(server, { type: newName("type") })
    const following = await follow(server, id)
    const claiming = eventsOf(
      await open(server, "POST", "/jobs/attempt", {
        as: "w",
        json: { types: [newName("type")] },
        headers: { accept: "text/event-stream" }
      })
    )
    const talk = await converse(server, await startOne(server))
    await following.take()
    const streams = [following, claiming, talk.events]
    for (const stream of streams) stream.next().catch(() => undefined)
    await eventually(() => {
      for (const { comments } of streams) assert.deepStrictEqual(comments, [" keep-alive", " keep-alive"])
    }, 15_000)
    talk.cut()
  })
})
