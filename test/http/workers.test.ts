/** What the supervisor knows of workers over HTTP, and decides about them. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { WorkerPage } from "../../src/domain/api/Workers.ts"
import { Worker } from "../../src/domain/workers/Worker.ts"
import { call, expectInvalid, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { assignmentOf, attempts, claim, create, finish, newName, report, startOne } from "../support/jobs.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const toWorker = Schema.decodeUnknownSync(Schema.toEncoded(Worker), { onExcessProperty: "error" })
const toPage = Schema.decodeUnknownSync(Schema.toEncoded(WorkerPage), { onExcessProperty: "error" })

const get = async (server: Server, name: string) =>
  toWorker(jsonOf(expectStatus(await call(server, "GET", `/workers/${encodeURIComponent(name)}`), 200)))

const decide = async (server: Server, name: string, state: string, reason?: string) =>
  toWorker(
    jsonOf(
      expectStatus(
        await call(server, "PATCH", `/workers/${encodeURIComponent(name)}`, {
          json: { state, ...(reason !== undefined && { reason }) },
          as: "ada"
        }),
        200
      )
    )
  )

withServer("workers", (server) => {
  it("are known by what they asked for, hold and have done", async () => {
    const [type, name] = [newName("type"), `${newName("pool")}/7`]
    await create(server, { type })
    await create(server, { type })
    const accepts = [{ tag: "gdpr", op: "absent" }]
    const wish = { types: [type], skills: { gpu: ["cuda"] }, accepts }
    await finish(server, await claim(server, name, wish))
    const held = await claim(server, name, wish)
    const known = await get(server, name)
    assert.deepStrictEqual(
      [known.name, known.state, known.present, known.types, known.skills, known.accepts],
      [name, "active", true, [type], { gpu: ["cuda"] }, accepts]
    )
    assert.deepStrictEqual(
      known.running.map(({ attempt, job }) => [job, attempt]),
      [[held.id, held.attempt]]
    )
    const [record] = known.record
    assert.deepStrictEqual([record?.type, record?.done, record?.failed], [type, 1, 0])
    assert.isString(record?.medianRun)
  })

  it("are not known before they were heard of", async () => {
    expectProblem(await call(server, "GET", `/workers/${newName("nobody")}`), 404, "worker-not-found")
  })

  it("are listed by name, in pages", async () => {
    const prefix = newName("list")
    for (const end of ["a", "b", "c"]) {
      await call(server, "POST", "/jobs/attempt?wait=0s", {
        as: `${prefix}-${end}`,
        json: { types: [prefix] }
      })
    }
    const page = toPage(
      jsonOf(expectStatus(await call(server, "GET", `/workers?cursor=${prefix}&limit=2`), 200))
    )
    assert.deepStrictEqual(
      page.items.map(({ name }) => name),
      [`${prefix}-a`, `${prefix}-b`]
    )
    assert.strictEqual(page.next, `${prefix}-b`)
    expectInvalid(await call(server, "GET", "/workers?limit=0"))
  })

  it("are paused, with who did it and why", async () => {
    const name = newName("worker")
    const paused = await decide(server, name, "paused", "maintenance")
    assert.deepStrictEqual([paused.state, paused.reason, paused.changedBy], ["paused", "maintenance", "ada"])
    assert.deepStrictEqual(await get(server, name), paused)
    const active = await decide(server, name, "active")
    assert.deepStrictEqual([active.state, active.reason], ["active", null])
  })

  it("are told of in a line for people", async () => {
    const path = `/workers/${newName("worker")}`
    for (const reason of ["", "two\nlines", "\u0000", "half \ud800", "x".repeat(501)]) {
      const answer = await call(server, "PATCH", path, { json: { state: "paused", reason } })
      assert.deepStrictEqual(expectInvalid(answer), ["reason"])
    }
    expectStatus(
      await call(server, "PATCH", path, { json: { state: "paused", reason: "x".repeat(500) } }),
      200
    )
  })

  it("lose what they hold when they are banned, and nobody is charged", async () => {
    const [type, name] = [newName("type"), newName("worker")]
    const held = await startOne(server, { type, maxAttempts: 1 }, name)
    assert.strictEqual((await decide(server, name, "banned", "stole")).running.length, 0)
    expectProblem(await report(server, held, "result", 1), 409, "attempt-over")
    expectProblem(await report(server, held, "release"), 409, "attempt-over")
    const next = await claim(server, newName("honest"), { types: [type] })
    assert.strictEqual(next.id, held.id)
    const [taken] = await attempts(server, held.id)
    assert.strictEqual(taken?.outcome, "released")
    await finish(server, next)
  })

  it("keep what they hold when they are paused", async () => {
    const [type, name] = [newName("type"), newName("worker")]
    const held = await startOne(server, { type }, name)
    await decide(server, name, "paused")
    await finish(server, held)
  })

  it("get nothing while they are paused, and are served at once when they may work again", async () => {
    const [type, name] = [newName("type"), newName("worker")]
    await decide(server, name, "paused")
    const { id } = await create(server, { type })
    const wish = { as: name, json: { types: [type] } }
    expectStatus(await call(server, "POST", "/jobs/attempt?wait=0s", wish), 204)
    const waiting = call(server, "POST", "/jobs/attempt?wait=30s", wish)
    // The poll is there when the worker is known by what it asked for.
    await eventually(async () => assert.deepStrictEqual((await get(server, name)).types, [type]))
    await decide(server, name, "active")
    assert.strictEqual(assignmentOf(expectStatus(await waiting, 201)).id, id)
  })

  it("get no jobs of a type that they are in quarantine for, but others", async () => {
    const [bad, good, name] = [newName("bad"), newName("good"), newName("worker")]
    expectStatus(
      await call(server, "PUT", `/policies/${bad}`, { json: { quarantine: { failures: 1 } } }),
      200
    )
    const held = await startOne(server, { type: bad }, name)
    await report(server, held, "error", { message: "broken", retryable: false })
    await create(server, { type: bad })
    const { id } = await create(server, { type: good })
    const wish = { as: name, json: { types: [bad, good] } }
    const given = assignmentOf(expectStatus(await call(server, "POST", "/jobs/attempt?wait=0s", wish), 201))
    assert.strictEqual(given.id, id)
    expectStatus(await call(server, "POST", "/jobs/attempt?wait=0s", wish), 204)
    const other = await claim(server, newName("other"), { types: [bad] })
    assert.strictEqual(other.type, bad)
  })

  it("go into quarantine for a type that they fail too often", async () => {
    const [type, name] = [newName("type"), newName("worker")]
    expectStatus(
      await call(server, "PUT", `/policies/${type}`, { json: { quarantine: { failures: 2 } } }),
      200
    )
    for (let turn = 1; turn <= 2; turn++) {
      const held = await startOne(server, { type }, name)
      assert.deepStrictEqual((await get(server, name)).quarantines, [])
      await report(server, held, "error", { message: "broken", retryable: false })
    }
    const [quarantine] = (await get(server, name)).quarantines
    assert.strictEqual(quarantine?.type, type)
    await eventually(async () => {
      const [record] = (await get(server, name)).record
      assert.deepStrictEqual([record?.failed, record?.done], [2, 0])
    })
  })
})
