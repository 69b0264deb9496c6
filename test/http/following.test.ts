/** Following a job: every state and every event once, in order, whenever and however often one connects. */
import { assert, it } from "@effect/vitest"
import { call, expectProblem, expectStatus, open } from "../support/http.ts"
import { claim, create, finish, follow, get, jobIn, newName, report, startOne } from "../support/jobs.ts"
import { tell } from "../support/progress.ts"
import { begin } from "../support/rawSocket.ts"
import { type SseEvent, sse } from "../support/sse.ts"
import { withServer } from "../support/TestServer.ts"
import { pass } from "../support/waiting.ts"

const asStream = { accept: "text/event-stream" }

/** An event in short: the status of a state, or name and data. */
const short = ({ data, event }: SseEvent): string =>
  event === null ? jobIn(data).status : `${event} ${data}`

withServer("following a job", (server) => {
  it("tells of the job as it is, then of every change, and ends with it", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const reader = await follow(server, job.id)
    const first = await reader.take("the first state")
    assert.strictEqual(first.event, null)
    assert.deepStrictEqual(jobIn(first.data), job)

    const held = await claim(server, "w", { types: [type] })
    assert.deepStrictEqual(jobIn((await reader.take()).data), await get(server, job.id))
    const events = ["log_chunk", "percent", "message", "my-own.event"]
    const data: Record<string, string> = { percent: "50" }
    await tell(server, held, events.map((name, i) => sse(i + 1, name, data[name] ?? "a\nb")).join(""))
    for (const event of events) {
      const told = await reader.take(event)
      assert.deepStrictEqual([told.event, told.data], [event, data[event] ?? "a\nb"])
    }
    await finish(server, held, { answer: 42 })
    const last = await reader.take("the last state")
    assert.deepStrictEqual(jobIn(last.data), await get(server, job.id))
    assert.deepStrictEqual(await reader.rest(), [])
    assert.include(reader.comments, " keep-alive")
  })

  it("gives each event an id, and resumes after any of them without a gap or a repetition", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const live = await follow(server, job.id)
    const held = await claim(server, "w", { types: [type] })
    const chunks = Array.from({ length: 300 }, (_, index) => sse(index + 1, "log_chunk", `${index}`))
    await tell(server, held, chunks.join("") + sse(301, "percent", "10") + sse(302, "message", "now"))
    await report(server, held, "error", { message: "no" })
    const again = await claim(server, "w", { types: [type] })
    await tell(server, again, sse(1, "log_chunk", "once more"))
    await finish(server, again, "ok")

    const all = await live.rest()
    const progress = [...Array.from({ length: 300 }, (_, i) => `log_chunk ${i}`), "percent 10", "message now"]
    assert.deepStrictEqual(all.map(short), [
      ...["pending", "processing", ...progress, "scheduled", "pending", "processing"],
      ...["log_chunk once more", "done"]
    ])
    const ids = all.map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
    const places = [
      0,
      1,
      2,
      100,
      255,
      256,
      257,
      258,
      259,
      300,
      ids.length - 5,
      ids.length - 3,
      ids.length - 2
    ]
    for (const place of places) {
      const resumed = await follow(server, job.id, ids[place] ?? "")
      const rest = await resumed.rest()
      const expected = all.slice(place + 1)
      assert.deepStrictEqual(rest.map(short), expected.map(short), `after ${ids[place]}`)
      assert.deepStrictEqual(
        rest.map(({ id }) => id),
        expected.map(({ id }) => id)
      )
    }
    const over = await call(server, "GET", `/jobs/${job.id}`, {
      headers: { ...asStream, "last-event-id": ids.at(-1) ?? "" }
    })
    expectStatus(over, 204)
    assert.strictEqual(over.text, "")
  })

  it("resumes a stream that was cut while the job goes on", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const held = await claim(server, "w", { types: [type] })
    const seen: Array<SseEvent> = []
    let next = 1
    for (let round = 0; round < 10; round++) {
      const cut = new AbortController()
      const reader = await follow(server, job.id, seen.at(-1)?.id ?? undefined, cut.signal)
      for (let i = 0; i < 3; i++, next++) await tell(server, held, sse(next, "log_chunk", `${next}`))
      // Not all of it is read before the cut.
      for (let i = 0; i < 2; i++) seen.push(await reader.take())
      cut.abort()
    }
    await finish(server, held)
    seen.push(...(await (await follow(server, job.id, seen.at(-1)?.id ?? undefined)).rest()))
    assert.deepStrictEqual(seen.map(short), [
      "processing",
      ...Array.from({ length: 30 }, (_, index) => `log_chunk ${index + 1}`),
      "done"
    ])
  })

  it("follows a job through failure, the retry by hand and success", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const reader = await follow(server, job.id)
    const held = await claim(server, "w", { types: [type] })
    await report(server, held, "error", { retryable: false })
    assert.deepStrictEqual((await reader.rest()).map(short), ["pending", "processing", "failed"])

    const failed = await follow(server, job.id)
    const { id } = await failed.take()
    expectStatus(await call(server, "POST", `/jobs/${job.id}/retry`), 202)
    const resumed = await follow(server, job.id, id ?? "")
    await finish(server, await claim(server, "w", { types: [type] }))
    assert.deepStrictEqual((await resumed.rest()).map(short), ["pending", "processing", "done"])
    const all = await follow(server, job.id, "0.0")
    assert.deepStrictEqual((await all.rest()).map(short), [
      ...["pending", "processing", "failed"],
      ...["pending", "processing", "done"]
    ])
  })

  it("tells of a scheduled job that becomes due, and of one that is cancelled", async () => {
    const job = await create(server, { type: newName("type"), delay: "200ms" })
    const reader = await follow(server, job.id, "0.0")
    assert.strictEqual(short(await reader.take()), "scheduled")
    assert.strictEqual(short(await reader.take()), "pending")
    await call(server, "DELETE", `/jobs/${job.id}`)
    assert.deepStrictEqual((await reader.rest()).map(short), ["cancelled"])
  })

  it("tells of a job that expires", async () => {
    const job = await create(server, { type: newName("type"), expiresIn: "300ms" })
    const reader = await follow(server, job.id, "0.0")
    assert.deepStrictEqual((await reader.rest()).map(short), ["pending", "failed"])
  })

  it("tells of a job that is over once, and then no more", async () => {
    const held = await startOne(server)
    await finish(server, held)
    const [event, ...rest] = await (await follow(server, held.id)).rest()
    assert.strictEqual(event && short(event), "done")
    assert.deepStrictEqual(rest, [])
    const options = { headers: { ...asStream, "last-event-id": event?.id ?? "" } }
    expectStatus(await call(server, "GET", `/jobs/${held.id}`, options), 204)
  })

  it("shows whoever comes late the log of the live attempt, but not the old percents and messages", async () => {
    const held = await startOne(server)
    await tell(server, held, sse(1, "log_chunk", "a") + sse(2, "percent", "5") + sse(3, "message", "m"))
    const reader = await follow(server, held.id)
    const first = await reader.take()
    assert.deepStrictEqual(jobIn(first.data).progress, { percent: 5, message: "m" })
    assert.strictEqual(short(await reader.take()), "log_chunk a")
    await tell(server, held, sse(4, "percent", "6"))
    assert.strictEqual(short(await reader.take()), "percent 6")
    await finish(server, held)
    await reader.rest()
  })

  it("takes an id that it never gave as none", async () => {
    const held = await startOne(server)
    await finish(server, held)
    for (const id of ["", "x", "1", "-1.0", "1.0.0", "99999999999.1"]) {
      assert.deepStrictEqual((await (await follow(server, held.id, id)).rest()).map(short), ["done"], id)
    }
  })

  it("serves many followers of one job alike", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const readers = await Promise.all(Array.from({ length: 100 }, () => follow(server, job.id)))
    const held = await claim(server, "w", { types: [type] })
    for (let id = 1; id <= 5; id++) await tell(server, held, sse(id, "log_chunk", `${id}`))
    await finish(server, held)
    const stories = await Promise.all(readers.map(async (reader) => (await reader.rest()).map(short)))
    for (const story of stories) {
      assert.deepStrictEqual(story, [
        ...["pending", "processing"],
        ...[1, 2, 3, 4, 5].map((id) => `log_chunk ${id}`),
        "done"
      ])
    }
  })

  it("holds a slow reader's events back without losing any", async () => {
    const type = newName("type")
    const job = await create(server, { type })
    const reader = await follow(server, job.id)
    const held = await claim(server, "w", { types: [type] })
    const text = "x".repeat(10_000)
    const body = Array.from({ length: 500 }, (_, index) => sse(index + 1, "log_chunk", `${index}${text}`))
    await tell(server, held, body.join(""))
    await finish(server, held)
    await pass(200)
    const events = await reader.rest()
    assert.strictEqual(events.length, 503)
    assert.deepStrictEqual(
      events.slice(2, -1).map(({ data }) => data),
      Array.from({ length: 500 }, (_, index) => `${index}${text}`)
    )
  })

  it("does not show checkpoints, which are between workers", async () => {
    const held = await startOne(server)
    const reader = await follow(server, held.id)
    await tell(server, held, sse(1, "checkpoint", "{}") + sse(2, "log_chunk", "a"))
    await finish(server, held)
    assert.deepStrictEqual((await reader.rest()).map(short), ["processing", "log_chunk a", "done"])
  })

  it("answers HEAD at once, whatever is accepted", async () => {
    const { id } = await create(server, { type: newName("type") })
    for (const accept of ["text/event-stream", "application/json"]) {
      const response = await open(server, "HEAD", `/jobs/${id}`, { headers: { accept } })
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("content-type")?.split(";")[0], accept)
      assert.strictEqual(await response.text(), "")
    }
  })

  it("holds a GET with wait until the job is over", async () => {
    const held = await startOne(server)
    const waiting = await begin(server, "GET", `/jobs/${held.id}?wait=60s`)
    await finish(server, held, { ok: true })
    const answer = expectStatus(await waiting.answer(), 200)
    assert.deepStrictEqual(jobIn(answer.text), await get(server, held.id))
    assert.strictEqual(jobIn(answer.text).status, "done")
  })

  it("answers a GET with wait when the time is over, with the job as it is", async () => {
    const job = await create(server, { type: newName("type") })
    const start = performance.now()
    const answer = expectStatus(await call(server, "GET", `/jobs/${job.id}?wait=200ms`), 200)
    assert.isAtLeast(performance.now() - start, 195)
    assert.deepStrictEqual(jobIn(answer.text), job)
    for (const wait of ["11m", "-1s", "soon", ""]) {
      expectProblem(await call(server, "GET", `/jobs/${job.id}?wait=${wait}`), 400, "invalid-request")
    }
  })
})
