/** The log of a job: whole, and in parts. */
import { assert, it } from "@effect/vitest"
import { Duration } from "effect"
import { call, expectProblem, expectStatus, open } from "../support/http.ts"
import { claim, create, finish, log, newName, report, startOne } from "../support/jobs.ts"
import { tell } from "../support/progress.ts"
import { sse } from "../support/sse.ts"
import { quickPolicy, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

withServer("the log", (server) => {
  const read = (id: string, range?: string) =>
    call(server, "GET", `/jobs/${id}/log`, range === undefined ? {} : { headers: { range } })

  it("is empty at first", async () => {
    const { id } = await create(server, { type: newName("type") })
    const answer = expectStatus(await read(id), 200)
    assert.strictEqual(answer.text, "")
    assert.strictEqual(answer.headers.get("content-type"), "text/plain; charset=utf-8")
    assert.strictEqual(answer.headers.get("accept-ranges"), "bytes")
    assert.strictEqual(answer.headers.get("content-length"), "0")
    const part = await read(id, "bytes=0-")
    expectProblem(part, 416, "range-not-satisfiable")
    assert.strictEqual(part.headers.get("content-range"), "bytes */0")
  })

  it("is of all attempts, in UTF-8", async () => {
    const type = newName("type")
    const held = await startOne(server, { type }, "w")
    await tell(server, held, sse(1, "log_chunk", "é\n") + sse(2, "message", "not this"))
    await report(server, held, "error", "x")
    const next = await claim(server, "w", { types: [type] })
    await tell(server, next, sse(1, "log_chunk", "😀") + sse(2, "other", "nor this"))
    await finish(server, next)
    const answer = await read(held.id)
    assert.strictEqual(answer.text, "é\n😀")
    assert.strictEqual(answer.headers.get("content-length"), "7")
  })

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-4", "4", "bytes 4-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-100", "0123456789", "bytes 0-9/10"],
    ["bytes=5-1000", "56789", "bytes 5-9/10"],
    [`bytes=5-${"9".repeat(30)}`, "56789", "bytes 5-9/10"],
    [`bytes=-${"9".repeat(30)}`, "0123456789", "bytes 0-9/10"],
    ["bytes=0-", "0123456789", "bytes 0-9/10"]
  ])("answers Range: %s with %j", async (range, text, contentRange) => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "0123") + sse(2, "log_chunk", "456789"))
    const answer = expectStatus(await read(held.id, range), 206)
    assert.strictEqual(answer.text, text)
    assert.strictEqual(answer.headers.get("content-range"), contentRange)
    assert.strictEqual(answer.headers.get("content-length"), String(text.length))
  })

  it.each([["bytes=10-"], [`bytes=${"9".repeat(30)}-`], ["bytes=99-100"], ["bytes=-0"]])(
    "cannot satisfy Range: %s",
    async (range) => {
      const held = await startOne(server)
      await tell(server, held, sse(1, "log_chunk", "0123456789"))
      const answer = await read(held.id, range)
      expectProblem(answer, 416, "range-not-satisfiable")
      assert.strictEqual(answer.headers.get("content-range"), "bytes */10")
    }
  )

  it.each([["lines=1-2"], ["bytes"], ["bytes=a-b"], ["bytes=0-1,4-5"], ["bytes=5-2"], [""]])(
    "answers Range: %s, which is not for it, with the whole",
    async (range) => {
      const held = await startOne(server)
      await tell(server, held, sse(1, "log_chunk", "0123456789"))
      const answer = expectStatus(await read(held.id, range), 200)
      assert.strictEqual(answer.text, "0123456789")
    }
  )

  it("has no validator that a range could depend on", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "0123456789"))
    const headers = { range: "bytes=0-3", "if-range": '"x"' }
    const answer = expectStatus(await call(server, "GET", `/jobs/${held.id}/log`, { headers }), 200)
    assert.strictEqual(answer.text, "0123456789")
  })

  it("can be read on from where one was", async () => {
    const held = await startOne(server)
    let have = ""
    for (let id = 1; id <= 5; id++) {
      await tell(server, held, sse(id, "log_chunk", `line ${id}\n`))
      have += expectStatus(await read(held.id, `bytes=${have.length}-`), 206).text
    }
    assert.strictEqual(have, await log(server, held.id))
  })

  it("answers HEAD with the size and nothing else", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "0123456789"))
    const response = await open(server, "HEAD", `/jobs/${held.id}/log`)
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("content-length"), "10")
    assert.strictEqual(await response.text(), "")
  })

  it("is given as text only", async () => {
    const held = await startOne(server)
    const refused = await call(server, "GET", `/jobs/${held.id}/log`, {
      headers: { accept: "application/json" }
    })
    expectProblem(refused, 406, "not-acceptable")
    expectStatus(await call(server, "GET", `/jobs/${held.id}/log`, { headers: { accept: "text/*" } }), 200)
  })
})

withServer(
  "a log over its cap",
  (server) => {
    it("loses its oldest part, says so, and goes on", async () => {
      const held = await startOne(server)
      const line = (id: number) => `${String(id).padStart(3, "0")}${"x".repeat(60)}\n`
      for (let id = 1; id <= 64; id++) await tell(server, held, sse(id, "log_chunk", line(id)))
      await eventually(async () => {
        const text = await log(server, held.id)
        assert.isBelow(text.length, 1_200)
        assert.match(text, /^\[lazyboss dropped the oldest \d+ bytes of this log\]\n/)
        assert.isTrue(text.endsWith(line(64)))
      })
      await finish(server, held)
    })
  },
  { ...quickPolicy, logCap: 1_024, lease: Duration.seconds(30) }
)
