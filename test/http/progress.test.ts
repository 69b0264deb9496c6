/** Telling how it goes: what is acknowledged is stored, nothing is lost and nothing applied twice. */
import { assert, it } from "@effect/vitest"
import { call, expectProblem } from "../support/http.ts"
import { attemptPath, claim, get, log, newName, report, startOne } from "../support/jobs.ts"
import { converse, putProgress, seen, tell } from "../support/progress.ts"
import { sse } from "../support/sse.ts"
import { withServer } from "../support/TestServer.ts"

withServer("progress", (server) => {
  it("acknowledges an event before the next is sent, on one socket", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    assert.strictEqual(talk.status, 202)
    assert.match(talk.headers["content-type"] ?? "", /^text\/event-stream/)
    assert.strictEqual(talk.headers["last-event-id"], "0")
    assert.strictEqual(talk.headers["cache-control"], "no-store")
    for (let id = 1; id <= 5; id++) {
      talk.say(sse(id, "log_chunk", `line ${id}`))
      assert.deepStrictEqual(await talk.events.take(`seen ${id}`), seen(id))
    }
    talk.hangUp()
    assert.deepStrictEqual(await talk.events.rest(), [])
    assert.strictEqual(await log(server, held.id), "line 1line 2line 3line 4line 5")
  })

  it("takes finite bodies, each answered by a finite stream that ends with seen", async () => {
    const held = await startOne(server)
    assert.deepStrictEqual(await tell(server, held, sse(1, "percent", "12.5")), [seen(1)])
    assert.deepStrictEqual(
      await tell(server, held, sse(2, "message", "resizing") + sse(3, "log_chunk", "a")),
      [seen(3)]
    )
    assert.deepStrictEqual(await tell(server, held, ""), [seen(3)])
    assert.deepStrictEqual((await get(server, held.id)).progress, { percent: 12.5, message: "resizing" })
    assert.strictEqual(await log(server, held.id), "a")
  })

  it("goes on after a cut without losing or repeating anything", async () => {
    const held = await startOne(server)
    const first = await converse(server, held)
    first.say(sse(1, "log_chunk", "1\n") + sse(2, "log_chunk", "2\n"))
    await first.events.until(({ id }) => id === "2")
    first.say("id: 3\nevent: log_chunk\nda")
    first.cut()

    const second = await converse(server, held, { "last-event-id": "1" })
    assert.strictEqual(second.headers["last-event-id"], "2")
    for (let id = 1; id <= 4; id++) second.say(sse(id, "log_chunk", `${id}\n`))
    await second.events.until(({ id }) => id === "4")
    second.hangUp()
    await second.events.rest()
    assert.strictEqual(await log(server, held.id), "1\n2\n3\n4\n")
  })

  it("acknowledges again what it has stored already", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "a") + sse(2, "log_chunk", "b"))
    assert.deepStrictEqual(await tell(server, held, sse(1, "log_chunk", "other")), [seen(1)])
    assert.deepStrictEqual(await tell(server, held, sse(2, "log_chunk", "b") + sse(3, "log_chunk", "c")), [
      seen(3)
    ])
    const forthAndBack = [4, 2, 3].map((id) => sse(id, "log_chunk", "d")).join("")
    assert.deepStrictEqual(await tell(server, held, forthAndBack), [seen(4)])
    assert.strictEqual(await log(server, held.id), "abcd")
  })

  it("asks to begin again after the mark where there is a gap", async () => {
    const held = await startOne(server)
    assert.deepStrictEqual(
      await tell(
        server,
        held,
        sse(1, "log_chunk", "a") + sse(3, "log_chunk", "c") + sse(2, "log_chunk", "b")
      ),
      [seen(1), { id: null, event: "rewind", data: "1" }]
    )
    assert.deepStrictEqual(await tell(server, held, sse(7, "percent", "1")), [
      { id: null, event: "rewind", data: "1" }
    ])
    assert.strictEqual(await log(server, held.id), "a")
  })

  it("refuses an acknowledgement that it never gave", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "a"))
    const answer = await putProgress(server, held, sse(3, "log_chunk", "c"), {
      headers: { "last-event-id": "2" }
    })
    assert.strictEqual(expectProblem(answer, 409, "progress-ahead")["mark"], 1)
    for (const mark of ["-1", "x", "1.5"]) {
      const refused = await putProgress(server, held, "", { headers: { "last-event-id": mark } })
      expectProblem(refused, 400, "invalid-request")
    }
    assert.strictEqual(await log(server, held.id), "a")
  })

  it.each([
    ["no id", sse(null, "log_chunk", "x")],
    ["an id of zero", sse(0, "log_chunk", "x")],
    ["a negative id", sse(-1, "log_chunk", "x")],
    ["an id with a fraction", sse("2.0", "log_chunk", "x")],
    ["an id that is no number", sse("two", "log_chunk", "x")],
    ["an id with a leading zero", sse("02", "log_chunk", "x")],
    ["an immense id", sse("99999999999999999999", "log_chunk", "x")],
    ["a percent over 100", sse(2, "percent", "100.1")],
    ["a negative percent", sse(2, "percent", "-1")],
    ["a percent in words", sse(2, "percent", "half")],
    ["an empty percent", sse(2, "percent", "")],
    ["an infinite percent", sse(2, "percent", "Infinity")],
    ["a checkpoint that is not JSON", sse(2, "checkpoint", "{")],
    ["a checkpoint nested too deep", sse(2, "checkpoint", "[".repeat(65) + "]".repeat(65))],
    ["an event that is the server's own", sse(2, "log_dropped", "x")],
    ["an event name with a U+0000", sse(2, "a\u0000b", "x")],
    ["an event name that is too long", sse(2, "x".repeat(129), "x")],
    ["a line over 1 MiB", sse(2, "log_chunk", "x".repeat(1_048_577))]
  ])("ends the stream at %s, and keeps what it acknowledged", async (_, malformed) => {
    const held = await startOne(server)
    const events = await tell(
      server,
      held,
      sse(1, "log_chunk", "kept") + malformed + sse(3, "log_chunk", "y")
    )
    assert.deepStrictEqual(events[0], seen(1))
    assert.strictEqual(events[1]?.event, "error")
    assert.strictEqual(events.length, 2)
    assert.isString(JSON.parse(events[1]?.data ?? "").detail)
    assert.strictEqual(await log(server, held.id), "kept")
    assert.deepStrictEqual(await tell(server, held, sse(2, "log_chunk", ", more")), [seen(2)])
    assert.strictEqual(await log(server, held.id), "kept, more")
  })

  it("does not let an event inherit the id of the one before", async () => {
    const held = await startOne(server)
    const events = await tell(server, held, sse(1, "log_chunk", "a") + sse(null, "log_chunk", "b"))
    assert.deepStrictEqual(
      events.map(({ event }) => event),
      ["seen", "error"]
    )
    assert.strictEqual(await log(server, held.id), "a")
  })

  it.each([
    ["0", 0],
    ["100", 100],
    ["33.3", 33.3]
  ])("takes %s percent", async (text, percent) => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "percent", text))
    assert.strictEqual((await get(server, held.id)).progress?.percent, percent)
  })

  it("keeps the lines of an event of many lines", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "one\ntwo\n\n") + sse(2, "log_chunk", "three"))
    assert.strictEqual(await log(server, held.id), "one\ntwo\n\nthree")
  })

  it("understands CRLF and CR, comments, unknown fields and a BOM", async () => {
    const held = await startOne(server)
    const body =
      "\uFEFF: hello\r\nid: 1\r\nevent: log_chunk\r\ndata: one\r\ndata:two\r\nretry: 5\r\nshoe: 43\r\n\r\n" +
      "id:2\revent:log_chunk\rdata: three\r\r"
    assert.deepStrictEqual(await tell(server, held, body), [seen(2)])
    assert.strictEqual(await log(server, held.id), "one\ntwothree")
  })

  it("puts characters together that arrive in pieces", async () => {
    const held = await startOne(server)
    const bytes = new TextEncoder().encode(sse(1, "log_chunk", "é€😀"))
    const talk = await converse(server, held)
    for (const byte of bytes) {
      talk.say(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await talk.events.until(({ id }) => id === "1")
    talk.hangUp()
    await talk.events.rest()
    assert.strictEqual(await log(server, held.id), "é€😀")
  })

  it("does not take a U+FEFF out of the text", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "a\uFEFF") + sse(2, "log_chunk", "\uFEFFb"))
    assert.strictEqual(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        new TextEncoder().encode(await log(server, held.id))
      ),
      "a\uFEFF\uFEFFb"
    )
  })

  it("stores nothing of an event that is too long, wherever its id stands", async () => {
    const held = await startOne(server)
    const long = `data: ${"x".repeat(2_000_000)}\nid: 1\nevent: log_chunk\ndata: the rest\n\n`
    const events = await tell(server, held, long)
    assert.deepStrictEqual(
      events.map(({ event }) => event),
      ["error"]
    )
    assert.strictEqual(await log(server, held.id), "")
  })

  it("stores a line of nearly 1 MiB", async () => {
    const held = await startOne(server)
    const text = "x".repeat(1_000_000)
    assert.deepStrictEqual(await tell(server, held, sse(1, "log_chunk", text)), [seen(1)])
    assert.strictEqual((await log(server, held.id)).length, text.length)
  })

  it("stores 10,000 events of one body in their order", async () => {
    const held = await startOne(server)
    const ids = Array.from({ length: 10_000 }, (_, index) => index + 1)
    const events = await tell(server, held, ids.map((id) => sse(id, "log_chunk", `${id}\n`)).join(""))
    assert.deepStrictEqual(events.at(-1), seen(10_000))
    assert.strictEqual(await log(server, held.id), ids.map((id) => `${id}\n`).join(""))
  })

  it("gives the checkpoint to the next attempt", async () => {
    const worker = newName("worker")
    const type = newName("type")
    const held = await startOne(server, { type }, worker)
    assert.strictEqual(held.checkpoint, null)
    await tell(server, held, sse(1, "checkpoint", '{"page":1}') + sse(2, "checkpoint", '{"page":\n2}'))
    await report(server, held, "release")
    const next = await claim(server, worker, { types: [type] })
    assert.deepStrictEqual(next.checkpoint, { page: 2 })
    await report(server, next, "error", "x")
    assert.deepStrictEqual((await claim(server, worker, { types: [type] })).checkpoint, { page: 2 })
  })

  it("numbers the events of each attempt anew", async () => {
    const type = newName("type")
    const held = await startOne(server, { type }, "w")
    await tell(server, held, sse(1, "log_chunk", "a"))
    await report(server, held, "release")
    const next = await claim(server, "w", { types: [type] })
    assert.deepStrictEqual(await tell(server, next, sse(1, "log_chunk", "b")), [seen(1)])
    assert.strictEqual(await log(server, held.id), "ab")
  })

  it("serves two connections of the same attempt at once", async () => {
    const held = await startOne(server)
    const [one, two] = await Promise.all([converse(server, held), converse(server, held)])
    one.say(sse(1, "log_chunk", "1"))
    await one.events.until(({ id }) => id === "1")
    two.say(sse(1, "log_chunk", "1") + sse(2, "log_chunk", "2"))
    await two.events.until(({ id }) => id === "2")
    one.say(sse(2, "log_chunk", "2") + sse(3, "log_chunk", "3"))
    await one.events.until(({ id }) => id === "3")
    const ids = [4, 5, 6, 7, 8, 9]
    for (const id of ids) for (const talk of [one, two]) talk.say(sse(id, "log_chunk", String(id)))
    for (const talk of [one, two]) {
      await talk.events.until(({ id }) => id === "9")
      talk.hangUp()
      assert.deepStrictEqual(await talk.events.rest(), [])
    }
    assert.strictEqual(await log(server, held.id), "123456789")
  })

  it("says on the stream that the job is to be cancelled", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    await call(server, "DELETE", `/jobs/${held.id}`)
    const event = await talk.events.take("cancel")
    assert.strictEqual(event.event, "cancel")
    const { graceSeconds, reason } = JSON.parse(event.data)
    assert.strictEqual(reason, "cancelled")
    assert.isAbove(graceSeconds, 0)
    assert.isAtMost(graceSeconds, 0.6)
    // It is told once, whatever the worker still has to say.
    for (let id = 1; id <= 3; id++) talk.say(sse(id, "log_chunk", "a"))
    const rest = (await talk.events.rest()).filter((told) => told.event !== "seen")
    assert.deepStrictEqual(
      rest.map((told) => told.event),
      ["error"]
    )
    assert.strictEqual(JSON.parse(rest[0]?.data ?? "").code, "attempt-over")
    assert.strictEqual((await get(server, held.id)).status, "cancelled")
  })

  it("ends the stream when the worker has handed in the result", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    talk.say(sse(1, "log_chunk", "a"))
    await talk.events.until(({ id }) => id === "1")
    await report(server, held, "result", 1)
    assert.deepStrictEqual(await talk.events.rest(), [])
    expectProblem(await putProgress(server, held, ""), 409, "attempt-over")
  })

  it("is refused to others, and for attempts that are over or unknown", async () => {
    const held = await startOne(server)
    expectProblem(await putProgress(server, held, "", { as: "somebody" }), 403, "wrong-worker")
    const unknown = { ...held, attempt: held.id }
    expectProblem(await putProgress(server, unknown, ""), 404, "attempt-not-found")
    expectProblem(await putProgress(server, { ...held, id: held.attempt }, ""), 404, "job-not-found")
    expectProblem(
      await call(server, "PUT", attemptPath(held, "progress"), {
        body: "",
        headers: { "content-type": "text/event-stream" }
      }),
      401,
      "unauthenticated"
    )
    expectProblem(
      await putProgress(server, held, "", { headers: { "content-type": "text/plain" } }),
      415,
      "unsupported-media-type"
    )
    await report(server, held, "error", "no")
    expectProblem(await putProgress(server, held, sse(1, "percent", "1")), 409, "attempt-over")
  })
})
