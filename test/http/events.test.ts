/** The feed of events, as supervisors read it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { BossEvent } from "../../src/domain/events/BossEvent.ts"
import { call, expectInvalid, expectStatus, open } from "../support/http.ts"
import { claim, create, finish, jobOf, newName, report, startOne, waitForEnd } from "../support/jobs.ts"
import { converse, tell } from "../support/progress.ts"
import { type EventReader, eventsOf, sse, type SseEvent } from "../support/sse.ts"
import { quickPolicy, type Server, start, withServer } from "../support/TestServer.ts"
import { theStore } from "../support/stores.ts"

const decode = Schema.decodeUnknownSync(Schema.toEncoded(BossEvent), { onExcessProperty: "error" })

const read = async (
  server: Server,
  query = "",
  lastEventId?: string,
  signal?: AbortSignal
): Promise<EventReader> => {
  const response = await open(server, "GET", `/events${query}`, {
    headers: { ...(lastEventId !== undefined && { "last-event-id": lastEventId }) },
    ...(signal !== undefined && { signal })
  })
  assert.strictEqual(response.status, 200)
  return eventsOf(response)
}

/** The next of the boss's events, and those before it which are stats are left out. */
const next = async (reader: EventReader): Promise<SseEvent> => {
  while (true) {
    const event = await reader.take()
    if (event.event !== "stats") return event
  }
}

const nextNames = async (reader: EventReader, count: number) => {
  const names: Array<string | null> = []
  while (names.length < count) names.push((await next(reader)).event)
  return names
}

withServer("the feed of events", (server) => {
  it("tells all that happens to a job, each event by its name and in its form", async () => {
    const type = newName("type")
    const reader = await read(server, `?type=${type}`)
    const held = await startOne(server, { type }, "w")
    await tell(server, held, sse(1, "percent", "40"))
    await finish(server, held)
    assert.strictEqual((await report(server, held, "heartbeat")).status, 409)
    for (const name of [
      "job.created",
      "job.assigned",
      "job.started",
      "job.progress",
      "job.done",
      "attempt.fenced"
    ]) {
      const { data, event, id } = await next(reader)
      assert.strictEqual(event, name)
      assert.match(id ?? "", /^[0-9a-f]{12}\.\d+$/)
      const told = decode(JSON.parse(data))
      assert.strictEqual(told.event, name)
      assert.propertyVal(told, "job", held.id)
    }
  })

  it("tells of failures, losses and what follows", async () => {
    const type = newName("type")
    const reader = await read(server, `?type=${type}`)
    const held = await startOne(server, { type }, "w")
    expectStatus(await report(server, held, "error", { message: "no luck" }), 201)
    await claim(server, "w", { types: [type], lease: "30ms" })
    await claim(server, "w", { types: [type], lease: "30ms" })
    const names = ["job.created", "job.assigned", "job.retrying", "job.assigned", "attempt.lost"]
    assert.deepStrictEqual(await nextNames(reader, 7), [...names, "job.retrying", "job.assigned"])
    assert.deepStrictEqual(await nextNames(reader, 2), ["attempt.lost", "job.failed"])
    expectStatus(await call(server, "POST", `/jobs/${held.id}/retry`, { as: "bob" }), 202)
    const { data, event } = await next(reader)
    assert.strictEqual(event, "job.retrying")
    assert.include(data, '"by":"bob"')
  })

  it("tells a worker and the supervisor who wants a job to stop, and why", async () => {
    const type = newName("type")
    const reader = await read(server, `?type=${type}&event=job.cancelled,attempt.lost`)
    const held = await startOne(server, { type }, "w")
    const stream = await converse(server, held)
    const path = `/jobs/${held.id}?reason=${encodeURIComponent("the customer left")}`
    expectStatus(await call(server, "DELETE", path, { as: "ann" }), 202)
    expectStatus(await call(server, "DELETE", `/jobs/${held.id}?reason=too+late`, { as: "bob" }), 202)
    const { data } =
      (await stream.events.until(({ event }) => event === "cancel")).at(-1) ?? assert.fail("no cancel")
    assert.include(data, '"reason":"the customer left"')
    stream.cut()
    // The worker does not stop, and is fenced off after the grace.
    const job = await waitForEnd(server, held.id)
    assert.deepStrictEqual(job.error, { reason: "cancelled", message: "the customer left", by: "ann" })
    const told = await next(reader)
    assert.strictEqual(told.event, "job.cancelled")
    assert.include(told.data, '"reason":"the customer left","by":"ann"')
  })

  it("tells a job that waits apart from others by who cancelled it", async () => {
    const { id } = await create(server, { type: newName("type") })
    const cancelled = jobOf(expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202))
    assert.deepStrictEqual(cancelled.error, {
      reason: "cancelled",
      message: "the job was cancelled",
      by: null
    })
  })

  it.each(["reason=", `reason=${"x".repeat(501)}`, "reason=%00"])("refuses %s", async (query) => {
    const { id } = await create(server, { type: newName("type") })
    assert.deepStrictEqual(expectInvalid(await call(server, "DELETE", `/jobs/${id}?${query}`)), ["reason"])
  })

  it.each([
    ["type=a*b", "type"],
    ["project=x", "project"],
    ["worker=", "worker"],
    ["event=job.doen", "event"]
  ])("refuses %s", async (query, path) => {
    assert.deepStrictEqual(expectInvalid(await call(server, "GET", `/events?${query}`)), [path])
  })

  it("sends stats at once, and goes on from any id without a gap or a repetition", async () => {
    const type = newName("type")
    const cut = new AbortController()
    const reader = await read(server, `?type=${type}`, undefined, cut.signal)
    const stats = await reader.take()
    assert.strictEqual(stats.event, "stats")
    const { id } = await create(server, { type })
    const created = await next(reader)
    cut.abort()
    await call(server, "DELETE", `/jobs/${id}`)
    const again = await read(server, `?type=${type}`, created.id ?? "")
    assert.deepStrictEqual(await nextNames(again, 1), ["job.cancelled"])
    const both = await read(server, `?type=${type}`, stats.id ?? "")
    assert.deepStrictEqual(await nextNames(both, 2), ["job.created", "job.cancelled"])
  })

  it("says so when it cannot go on from there", async () => {
    const reader = await read(server, `?type=${newName("type")}`, "0123456789ab.7")
    assert.strictEqual((await reader.take()).event, "reset")
  })

  it("answers HEAD without beginning to tell", async () => {
    const head = await open(server, "HEAD", "/events")
    assert.strictEqual(head.status, 200)
    assert.strictEqual(await head.text(), "")
  })

  it("is told by a streamed claim why a job is to stop", async () => {
    const type = newName("type")
    const response = await open(server, "POST", "/jobs/attempt", {
      as: "w",
      headers: { accept: "text/event-stream" },
      json: { types: [type], max: 1 }
    })
    const stream = eventsOf(response)
    const { id } = await create(server, { type })
    await stream.until(({ event }) => event === "attempt")
    await call(server, "DELETE", `/jobs/${id}?reason=enough`, { as: "ann" })
    const cancel = (await stream.until(({ event }) => event === "cancel")).at(-1)
    assert.include(cancel?.data, '"reason":"enough"')
  })
})

describe("when the server stops", () => {
  it("the feed ends", async () => {
    const server = await start(theStore, quickPolicy)
    const reader = await read(server)
    await reader.take()
    const stopped = server.stop()
    await reader.rest()
    await stopped
    assert.deepStrictEqual(server.errors, [])
  })
})
