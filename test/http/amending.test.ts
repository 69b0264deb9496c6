/** Changing jobs that are not finished. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { call, expectInvalid, expectProblem, expectStatus } from "../support/http.ts"
import {
  askFor,
  claim,
  create,
  finish,
  follow,
  get,
  jobIn,
  jobOf,
  list,
  newName,
  report,
  startOne
} from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

withServer("changing jobs", (server) => {
  const amend = (id: string, json: object) => call(server, "PATCH", `/jobs/${id}`, { json })
  const amended = async (id: string, json: object) => jobOf(expectStatus(await amend(id, json), 200))

  it("changes what is given and answers with the job", async () => {
    const before = await create(server, { type: newName("type"), tags: ["a"] })
    const constraints = [{ skill: "memoryGb", op: "gte" as const, value: 8 }]
    const after = await amended(before.id, { priority: 5, tags: ["b"], constraints })
    assert.deepStrictEqual(after, { ...before, priority: 5, tags: ["b"], constraints })
    assert.deepStrictEqual(await get(server, before.id), after)
    assert.deepStrictEqual(
      (await list(server, `type=${before.type}&tag=b`)).items.map(({ id }) => id),
      [before.id]
    )
  })

  it("lets a worker that waits have a job that it could not do before", async () => {
    const type = newName("type")
    const job = await create(server, { type, constraints: [{ skill: "gpu", op: "exists" }] })
    const waiting = askFor(server, "w", { types: [type] })
    await amended(job.id, { constraints: [] })
    assert.strictEqual((await waiting).status, 201)
  })

  it("lets a worker that waits have a job as soon as its new time has come", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, delay: "1h" })
    const waiting = askFor(server, "w", { types: [type] })
    assert.strictEqual((await amended(id, { runAt: "2000-01-01T00:00:00Z" })).status, "pending")
    assert.strictEqual((await waiting).status, 201)

    const other = await create(server, { type })
    const soon = new Date(Date.now() + 600).toISOString()
    assert.deepInclude(await amended(other.id, { runAt: soon }), { status: "scheduled", runAt: soon })
    const held = await claim(server, "w", { types: [type] })
    assert.strictEqual(held.id, other.id)
    assert.isAtLeast(Date.parse(held.startedAt), Date.parse(soon))
  })

  it("gives the urgent one first", async () => {
    const type = newName("type")
    await create(server, { type })
    const second = await create(server, { type })
    await amended(second.id, { priority: 1 })
    assert.strictEqual((await claim(server, "w", { types: [type] })).id, second.id)
  })

  it("changes a running job for its next attempt, but not its time", async () => {
    const held = await startOne(server)
    const before = await get(server, held.id)
    const problem = expectProblem(
      await amend(held.id, { runAt: "2099-01-01T00:00:00Z", priority: 3 }),
      409,
      "job-running"
    )
    assert.deepStrictEqual(problem["job"], before)
    const constraints = [{ skill: "big", op: "exists" as const }]
    assert.deepStrictEqual(await amended(held.id, { constraints }), { ...before, constraints })
    expectStatus(await report(server, held, "release"), 201)
    const next = await claim(server, "w", { types: [held.type], skills: { big: true } })
    assert.strictEqual(next.id, held.id)
    await finish(server, next)
    const finished = await get(server, held.id)
    assert.deepStrictEqual(
      expectProblem(await amend(held.id, { priority: 1 }), 409, "job-finished")["job"],
      finished
    )
    assert.deepStrictEqual(await get(server, held.id), finished)
  })

  it("is told to followers, those of now and those who come back", async () => {
    const { id } = await create(server, { type: newName("type") })
    const reader = await follow(server, id)
    await reader.next()
    await amended(id, { priority: 1 })
    await amended(id, { priority: 2 })
    await eventually(async () => assert.strictEqual((await get(server, id)).priority, 2))
    expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202)
    const live = (await reader.rest()).map(({ data }) => jobIn(data))
    const past = (await (await follow(server, id, "0.0")).rest()).map(({ data }) => jobIn(data))
    assert.deepStrictEqual(
      past.map(({ priority, status }) => [priority, status]),
      [
        [0, "pending"],
        [1, "pending"],
        [2, "pending"],
        [2, "cancelled"]
      ]
    )
    assert.deepStrictEqual(live, past.slice(1))
  })

  it("loses none of many changes at the same time", async () => {
    const { id } = await create(server, { type: newName("type") })
    const wishes = [{ priority: 1 }, { tags: ["x"] }, { constraints: [{ skill: "s", op: "exists" }] }]
    for (const answer of await Promise.all(wishes.map((wish) => amend(id, wish)))) expectStatus(answer, 200)
    assert.deepInclude(await get(server, id), Object.assign({}, ...wishes))
  })

  it("refuses what says nothing, and what cannot be changed", async () => {
    const before = await create(server, { type: newName("type") })
    const issues = async (json: object) => expectInvalid(await amend(before.id, json))
    assert.deepStrictEqual(await issues({}), [""])
    assert.deepStrictEqual(await issues({ priority: 1, type: "other" }), ["type"])
    const wrong = await issues({ priority: 0.5, runAt: "tomorrow", tags: [""] })
    assert.deepStrictEqual([...new Set(wrong)], ["priority", "runAt", "tags.0"])
    assert.deepStrictEqual(await issues({ tags: null }), ["tags"])
    assert.deepStrictEqual(await get(server, before.id), before)
    expectProblem(await amend(randomUUID(), { priority: 1 }), 404, "job-not-found")
  })
})
