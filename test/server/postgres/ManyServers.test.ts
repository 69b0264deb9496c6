/** Several servers on one database share all work. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as Notifications from "../../../src/server/postgres/Notifications.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { asRecord } from "../../support/http.ts"
import { eventsOf } from "../../support/sse.ts"
import { newDatabase } from "../../support/testDatabase.ts"
import { quickPolicy, start, type TestServer, type TestStore } from "../../support/TestServer.ts"
import { eventually } from "../../support/waiting.ts"

const storeOn = (url: Redacted.Redacted): TestStore => ({
  name: "PostgreSQL",
  layer: Layer.merge(PostgresStore.layerMigrated, Notifications.layer).pipe(
    Layer.provide(Postgres.layer({ url, maxConnections: 4 }))
  )
})

const headers = { "content-type": "application/json", authorization: "Bearer worker" }

const request = async (
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
  caller = "worker"
) => {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${caller}` },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  const text = await response.text()
  const answer: unknown = text === "" ? undefined : JSON.parse(text)
  return { status: response.status, answer }
}

const fieldOf = (answer: unknown, name: string): string => {
  const value: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined
  return typeof value === "string" ? value : assert.fail(`no ${name} in ${JSON.stringify(answer)}`)
}

/** Far less than the poll that stands behind lost notifications, far more than a busy machine needs. */
const wellBeforeTheBackstop = 3_000

describe("two servers on one database", () => {
  let first: TestServer
  let second: TestServer

  beforeAll(async () => {
    const url = await Effect.runPromise(newDatabase)
    first = await start(storeOn(url), quickPolicy)
    second = await start(storeOn(url), quickPolicy)
  })
  afterAll(async () => {
    await first.stop()
    await second.stop()
  })

  it("a job created on one wakes a worker that waits at the other", async () => {
    for (let round = 0; round < 5; round++) {
      const claimed = request(second, "POST", "/jobs/attempt?wait=20s", { types: ["woken"] })
      // The other server has heard of the group by then, or it has not: both must work.
      await request(second, "GET", "/healthz")
      const created = await request(first, "POST", "/jobs", { type: "woken" })
      const begun = performance.now()
      const { answer, status } = await claimed
      assert.strictEqual(status, 201)
      assert.strictEqual(fieldOf(answer, "id"), fieldOf(created.answer, "id"))
      assert.isBelow(performance.now() - begun, wellBeforeTheBackstop)
    }
  })

  it("a job at one waits for a better worker that was seen at the other", async () => {
    const [type, skills] = ["awaited", { gpu: 1 }]
    const claim = (server: TestServer, caller: string, wishes: object, wait: string) =>
      request(server, "POST", `/jobs/attempt?wait=${wait}`, { types: [type], ...wishes }, caller)
    await request(first, "PUT", `/policies/${type}`, { patience: "1h" })
    assert.strictEqual((await claim(second, "better", { skills }, "0s")).status, 204)
    await eventually(async () => {
      assert.strictEqual((await request(first, "GET", "/workers/better")).status, 200)
    })
    const constraints = [{ skill: "gpu", op: "exists", weight: 1 }]
    const { answer } = await request(first, "POST", "/jobs", { type, constraints })
    assert.strictEqual((await claim(first, "worse", {}, "1s")).status, 204)
    const claimed = await claim(second, "better", { skills }, "0s")
    assert.strictEqual(fieldOf(claimed.answer, "id"), fieldOf(answer, "id"))
  })

  it("a policy that is changed at one is in force at the other within a second", async () => {
    for (const maxAttempts of [3, 4, 5]) {
      await request(first, "PUT", "/policies/ruled", { maxAttempts })
      const changed = performance.now()
      await eventually(async () => {
        const { answer } = await request(second, "POST", "/jobs", { type: "ruled" })
        assert.strictEqual(asRecord(answer)["maxAttempts"], maxAttempts)
      })
      assert.isBelow(performance.now() - changed, 1_000)
    }
  })

  it("a follower at one is told what happens at the other", async () => {
    const created = await request(first, "POST", "/jobs", { type: "followed" })
    const job = fieldOf(created.answer, "id")
    const { body } = await fetch(`${first.url}/jobs/${job}`, { headers: { accept: "text/event-stream" } })
    if (body === null) return assert.fail("no stream")
    const pieces = body.pipeThrough(new TextDecoderStream()).getReader()
    let told = ""
    const readUntil = async (isEnough: () => boolean) => {
      while (!isEnough()) {
        const { done, value } = await pieces.read()
        if (done) return
        told += value
      }
    }
    await readUntil(() => told.includes('"status":"pending"'))
    const { answer } = await request(second, "POST", "/jobs/attempt", { types: ["followed"] })
    const attempt = fieldOf(answer, "attempt")
    const progress = await fetch(`${second.url}/jobs/${job}/attempts/${attempt}/progress`, {
      method: "PUT",
      headers: { ...headers, "content-type": "text/event-stream" },
      body: "id: 1\nevent: log_chunk\ndata: from afar\n\n"
    })
    assert.include(await progress.text(), "event: seen")
    await request(second, "PUT", `/jobs/${job}/attempts/${attempt}/result`, "done")
    await readUntil(() => false)
    assert.include(told, "data: from afar")
    assert.match(told, /"status":"done"[^\n]*\n\n(?:: keep-alive\n\n)?$/)
  })

  it("a cancellation at one reaches the worker at the other", async () => {
    const created = await request(first, "POST", "/jobs", { type: "cancelled-afar" })
    const job = fieldOf(created.answer, "id")
    const { answer } = await request(second, "POST", "/jobs/attempt", { types: ["cancelled-afar"] })
    const path = `/jobs/${job}/attempts/${fieldOf(answer, "attempt")}`
    await request(first, "DELETE", `/jobs/${job}`)
    const heartbeat = await request(second, "PUT", `${path}/heartbeat`)
    assert.strictEqual(heartbeat.status, 200)
    assert.include(JSON.stringify(heartbeat.answer), '"cancelRequested":true')
    const ended = await request(first, "GET", `/jobs/${job}?wait=20s`)
    assert.strictEqual(fieldOf(ended.answer, "status"), "cancelled")
    assert.strictEqual((await request(second, "PUT", `${path}/result`, 1)).status, 409)
  })

  it("the feed of one tells what happens at the other", async () => {
    const reader = await fetch(`${first.url}/events?type=seen-from-afar`)
    const events = eventsOf(reader)
    await events.until(({ event }) => event === "stats")
    const names: Array<string | null> = []
    // The other server hears within a moment that somebody reads.
    while (names.length === 0) {
      await request(second, "POST", "/jobs", { type: "seen-from-afar" })
      await events
        .until(({ event }) => event === "stats")
        .then((came) => {
          names.push(...came.map(({ event }) => event).filter((name) => name === "job.created"))
        })
    }
    const { answer } = await request(second, "POST", "/jobs/attempt", { types: ["seen-from-afar"] })
    const assigned = (await events.until(({ event }) => event === "job.assigned")).at(-1)
    assert.include(assigned?.data, fieldOf(answer, "attempt"))
    const path = `/jobs/${fieldOf(answer, "id")}/attempts/${fieldOf(answer, "attempt")}`
    await request(first, "PUT", `${path}/result`, "done")
    assert.include(
      (await events.until(({ event }) => event === "job.done")).at(-1)?.data,
      fieldOf(answer, "attempt")
    )
    await reader.body?.cancel().catch(() => undefined)
  })

  it("hands out each job once, whichever server the workers ask", async () => {
    const count = 200
    await request(
      first,
      "POST",
      "/jobs",
      Array.from({ length: count }, () => ({ type: "shared" }))
    )
    const given: Array<string> = []
    const work = async (server: TestServer) => {
      for (;;) {
        const { answer, status } = await request(server, "POST", "/jobs/attempt?wait=2s", {
          types: ["shared"],
          max: 7
        })
        if (status === 204) return
        const jobs = Array.isArray(answer) ? answer : []
        given.push(...jobs.map((job) => fieldOf(job, "id")))
        await request(
          server,
          "POST",
          "/outcomes",
          jobs.map((job) => ({ job: fieldOf(job, "id"), attempt: fieldOf(job, "attempt"), result: null }))
        )
      }
    }
    await Promise.all([first, second, first, second].map(work))
    assert.strictEqual(given.length, count)
    assert.strictEqual(new Set(given).size, count)
  })

  it("a project is finished once, whichever servers end its last jobs", async () => {
    const events = await fetch(`${second.url}/events?event=project.finished`, { headers })
    const feed = eventsOf(events)
    for (let round = 0; round < 5; round++) {
      const type = `project-${round}`
      const jobs = [{ type }, { type }]
      const { answer } = await request(first, "POST", "/projects", { name: type, jobs, closed: true })
      const project = fieldOf(answer, "id")
      const follower = eventsOf(
        await fetch(`${second.url}/projects/${project}`, {
          headers: { ...headers, accept: "text/event-stream" }
        })
      )
      const claimed = await request(first, "POST", "/jobs/attempt", { types: [type], max: 2 })
      const [one, other] = Array.isArray(claimed.answer) ? claimed.answer : []
      const result = (job: unknown) =>
        `/jobs/${fieldOf(job, "id")}/attempts/${fieldOf(job, "attempt")}/result`
      const begun = performance.now()
      await Promise.all([request(first, "PUT", result(one), 1), request(second, "PUT", result(other), 1)])
      assert.strictEqual((await follower.rest()).at(-1)?.event, "end")
      assert.isBelow(performance.now() - begun, wellBeforeTheBackstop)
      const told = await feed.until(({ event }) => event === "project.finished")
      // A second one of the round before would be found here.
      assert.include(told.at(-1)?.data, project)
    }
    await events.body?.cancel().catch(() => undefined)
  })

  it("work goes on at one when the other has stopped", async () => {
    const created = await request(second, "POST", "/jobs", { type: "survivor", delay: "1s" })
    await second.stop()
    const { answer, status } = await request(first, "POST", "/jobs/attempt?wait=20s", { types: ["survivor"] })
    assert.strictEqual(status, 201)
    assert.strictEqual(fieldOf(answer, "id"), fieldOf(created.answer, "id"))
  })
})
