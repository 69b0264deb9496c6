/** Who gets which job: constraints and wishes, relaxing, what workers accept, and patience. */
import { assert, it } from "@effect/vitest"
import { type Answer, call, expectInvalid, expectStatus } from "../support/http.ts"
import {
  askFor,
  assignmentOf,
  attempts,
  claim,
  create,
  get,
  newName,
  report,
  startOne
} from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { begin } from "../support/rawSocket.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

/** A worker that waits by the time this is done. */
const waitAs = async (server: Server, worker: string, body: object) => {
  const waiting = await begin(server, "POST", "/jobs/attempt?wait=20s", { as: worker, json: body })
  await eventually(async () => expectStatus(await call(server, "GET", `/workers/${worker}`), 200))
  return waiting
}

const fast = { skill: "speed", op: "gte", value: 5 } as const

withServer("matching", (server) => {
  it("shows constraints as they were given", async () => {
    const constraints = [
      { skill: "gpu", op: "contains", value: "cuda" } as const,
      { ...fast, weight: 0.5 },
      { ...fast, relaxAfter: "5m" },
      { ...fast, weight: 3, relaxAfter: "90s" }
    ]
    const { id } = await create(server, { type: newName("type"), constraints })
    assert.deepStrictEqual((await get(server, id)).constraints, constraints)
  })

  it.each([
    [{ ...fast, weight: 0 }, "0.weight"],
    [{ ...fast, weight: -1 }, "0.weight"],
    [{ ...fast, weight: "2" }, "0.weight"],
    [{ ...fast, relaxAfter: "0s" }, "0.relaxAfter"],
    [{ ...fast, relaxAfter: "soon" }, "0.relaxAfter"],
    [{ ...fast, relaxafter: "1s" }, "0.relaxafter"],
    [{ skill: "speed", op: "gte" }, "0"]
  ])("refuses the constraint %j", async (constraint, path) => {
    const job = { type: newName("type"), constraints: [constraint] }
    assert.deepStrictEqual(expectInvalid(await call(server, "POST", "/jobs", { json: job })), [
      `constraints.${path}`
    ])
  })

  it.each([
    { property: "priority", op: "gte" },
    { property: "project", op: "gt", value: 1 },
    { property: "project", op: "eq", value: "none" },
    { property: "colour", op: "exists" },
    { tag: "x", op: "eq", value: 1 }
  ])("refuses to accept %j", async (acceptance) => {
    const paths = expectInvalid(await askFor(server, "w", { accepts: [acceptance] }, "0s"))
    for (const path of paths) assert.match(path, /^accepts\.0/)
  })

  // Every server keeps them in memory, and compares them at every turn.
  it("refuses skills, constraints and acceptances that are too long to be kept in mind", async () => {
    const value = "x".repeat(16_384)
    const tooLong = (answer: Answer, path: string) => {
      assert.deepStrictEqual(expectInvalid(answer), [path])
      assert.include(answer.text, "16384 characters")
    }
    tooLong(await askFor(server, "w", { skills: { cpu: value } }, "0s"), "skills")
    const acceptance = { property: "type", op: "ne", value }
    tooLong(await askFor(server, "w", { accepts: [acceptance] }, "0s"), "accepts")
    const constraints = [{ skill: "cpu", op: "eq", value }]
    const job = { type: newName("type"), constraints }
    tooLong(await call(server, "POST", "/jobs", { json: job }), "constraints")
    const { id } = await create(server, { type: newName("type") })
    tooLong(await call(server, "PATCH", `/jobs/${id}`, { json: { constraints } }), "constraints")
  })

  it("refuses a skill without a name, and says what a name is", async () => {
    const answer = await askFor(server, "w", { skills: { größe: 1 } }, "0s")
    assert.deepStrictEqual(expectInvalid(answer), ["skills.größe"])
    assert.include(answer.text, "must be a name: a letter or digit")
  })

  it("gives a job to the one who satisfies most of its wishes, and tells who else might have had it", async () => {
    const type = newName("type")
    const [slow, quick] = [newName("slow"), newName("quick")]
    const waiting = await waitAs(server, slow, { types: [type], skills: { speed: 1 } })
    const best = await waitAs(server, quick, { types: [type], skills: { speed: 9 } })
    const { id } = await create(server, { type, constraints: [{ ...fast, weight: 1 }] })
    assert.strictEqual(assignmentOf(expectStatus(await best.answer(), 201)).id, id)
    const [attempt] = await attempts(server, id)
    assert.deepStrictEqual([attempt?.score, attempt?.runnersUp], [0.88, [{ worker: slow, score: 0.28 }]])

    // A wish keeps nobody from a job.
    const other = await create(server, { type, constraints: [{ ...fast, weight: 1 }] })
    assert.strictEqual(assignmentOf(expectStatus(await waiting.answer(), 201)).id, other.id)
  })

  it("gives a worker that arrives the job that suits it best, of those of one priority", async () => {
    const type = newName("type")
    const wish = (value: number, priority = 0) => ({
      type,
      priority,
      constraints: [{ ...fast, value, weight: 1 }]
    })
    const unsuited = await create(server, wish(10))
    const suited = await create(server, wish(5))
    const urgent = await create(server, wish(10, 1))
    const given = []
    for (let turn = 0; turn < 3; turn++) {
      given.push((await claim(server, newName("w"), { types: [type], skills: { speed: 7 } })).id)
    }
    assert.deepStrictEqual(given, [urgent.id, suited.id, unsuited.id])
  })

  it("gives a job to anybody once its constraint has relaxed, and to nobody unsuited before", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, constraints: [{ ...fast, relaxAfter: "1500ms" }] })
    const before = Date.now()
    expectStatus(await askFor(server, "w", { types: [type], skills: { speed: 1 } }, "300ms"), 204)
    const given = await claim(server, "w", { types: [type], skills: { speed: 1 } })
    assert.strictEqual(given.id, id)
    const { runAt } = await get(server, id)
    assert.isAtLeast(Date.parse(given.startedAt) - Date.parse(runAt), 1_500)
    assert.isBelow(Date.now() - before, 4_000)
  })

  it("gives a worker only what it accepts", async () => {
    const type = newName("type")
    const project = (await createProject(server, { name: "p" })).id
    const jobs = [
      await create(server, { type, priority: 9 }),
      await create(server, { type, priority: 1 }),
      await create(server, { type, project, tags: ["t"] })
    ]
    const ask = async (...accepts: ReadonlyArray<object>) =>
      (await claim(server, newName("w"), { types: [type], accepts })).id
    assert.strictEqual(await ask({ property: "project", op: "eq", value: project }), jobs[2]?.id)
    assert.strictEqual(
      await ask({ property: "priority", op: "lt", value: 5 }, { property: "project", op: "absent" }),
      jobs[1]?.id
    )
    const none = [{ property: "type", op: "ne", value: type }]
    expectStatus(await askFor(server, newName("w"), { types: [type], accepts: none }, "0s"), 204)
    assert.strictEqual(await ask({ tag: "t", op: "absent" }), jobs[0]?.id)
  })

  it("prefers the one who has not failed the job before", async () => {
    const type = newName("type")
    await call(server, "PUT", `/policies/${type}`, { json: { backoff: { initial: "1ms", jitter: 0 } } })
    const held = await startOne(server, { type }, newName("unlucky"))
    await report(server, held, "error", { message: "no" })
    await eventually(async () => assert.strictEqual((await get(server, held.id)).status, "pending"))
    const again = await create(server, { type })
    assert.strictEqual((await claim(server, held.assignee, { types: [type] })).id, again.id)
    assert.strictEqual((await claim(server, held.assignee, { types: [type] })).id, held.id)
  })

  it("waits for a better worker that is alive as long as the type's patience lasts, and no longer", async () => {
    const type = newName("type")
    expectStatus(await call(server, "PUT", `/policies/${type}`, { json: { patience: "1500ms" } }), 200)
    const better = newName("better")
    await askFor(server, better, { types: [type], skills: { speed: 9 } }, "0s")
    const constraints = [{ ...fast, weight: 1 }]

    const { id, runAt } = await create(server, { type, constraints })
    const late = await claim(server, newName("slow"), { types: [type], skills: { speed: 1 } })
    assert.strictEqual(late.id, id)
    const waited = Date.parse(late.startedAt) - Date.parse(runAt)
    assert.isAtLeast(waited, 1_500)
    assert.isBelow(waited, 4_000)

    const slow = askFor(server, newName("slow"), { types: [type], skills: { speed: 1 } }, "1s")
    const next = await create(server, { type, constraints })
    assert.strictEqual((await claim(server, better, { types: [type], skills: { speed: 9 } })).id, next.id)
    expectStatus(await slow, 204)
  })
})
