/** Projects: created with their jobs, added to, closed, cancelled, followed to the end. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { asRecord, call, expectInvalid, expectProblem, expectStatus, jsonOf, open } from "../support/http.ts"
import { create, finish, get, list, newName, startOne } from "../support/jobs.ts"
import { tell } from "../support/progress.ts"
import {
  cancelProject,
  closeProject,
  createProject,
  followProject,
  getProject,
  listProjects,
  projectIn
} from "../support/projects.ts"
import { eventsOf, sse } from "../support/sse.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const none = { scheduled: 0, pending: 0, processing: 0, done: 0, failed: 0, cancelled: 0 }

withServer("projects", (server) => {
  it("is created with its jobs, and shown with their counts", async () => {
    const type = newName("type")
    const metadata = { owner: "é", "": [null] }
    const { jobs, ...created } = await createProject(
      server,
      { name: "a film", metadata, jobs: [{ type }, { type, delay: "1h" }] },
      { as: "ann" }
    )
    const { createdAt, id } = created
    assert.deepStrictEqual(created, {
      id,
      name: "a film",
      metadata,
      status: "open",
      closed: false,
      createdBy: "ann",
      createdAt,
      finishedAt: null,
      cancelRequest: null,
      counts: { ...none, pending: 1, scheduled: 1 },
      percent: 0
    })
    assert.deepStrictEqual(await getProject(server, id), created)
    const { items } = await list(server, `project=${id}`)
    assert.deepStrictEqual(items.map((job) => job.id).toReversed(), jobs)
  })

  it("is created once for the same key", async () => {
    const [key, type] = [randomUUID(), newName("type")]
    const send = (name: string, jobs: ReadonlyArray<object> = [{ type }]) =>
      call(server, "POST", "/projects", { json: { name, jobs }, headers: { "idempotency-key": key } })
    const first = expectStatus(await send("one"), 201)
    const again = expectStatus(await send("one"), 200)
    assert.deepStrictEqual(jsonOf(again), jsonOf(first))
    assert.strictEqual(again.headers.get("location"), first.headers.get("location"))
    expectProblem(await send("two"), 422, "idempotency-conflict")
    assert.lengthOf((await list(server, `type=${type}`)).items, 1)
  })

  it.each([
    ["no name", {}, ["name"]],
    ["an unknown field", { name: "x", nmae: "y" }, ["nmae"]],
    [
      "a job of another project",
      { name: "x", jobs: [{ type: "t", project: randomUUID() }] },
      ["jobs.0.project"]
    ],
    ["a bad job", { name: "x", jobs: [{ type: "t" }, { type: "" }] }, ["jobs.1.type"]],
    ["too many jobs", { name: "x", jobs: Array.from({ length: 1_001 }, () => ({ type: "t" })) }, ["jobs"]],
    ["too much metadata", { name: "x", metadata: "m".repeat(8_191) }, ["metadata"]]
  ])("is refused with %s", async (_, json, paths) => {
    assert.deepStrictEqual(expectInvalid(await call(server, "POST", "/projects", { json })), paths)
  })

  it("takes jobs while it is open, and tells which name none", async () => {
    const type = newName("type")
    const { id } = await createProject(server)
    const job = await create(server, { type, project: id })
    assert.strictEqual(job.project, id)
    const unknown = { type, project: randomUUID() }
    assert.deepStrictEqual(expectInvalid(await call(server, "POST", "/jobs", { json: unknown })), ["project"])
    const many = [{ type, project: id }, unknown, unknown]
    assert.deepStrictEqual(expectInvalid(await call(server, "POST", "/jobs", { json: many })), [
      "1.project",
      "2.project"
    ])
    const closed = await closeProject(server, id)
    assert.deepInclude(closed, { status: "closed", closed: true, counts: { ...none, pending: 1 } })
    const refusal = expectProblem(
      await call(server, "POST", "/jobs", { json: { type, project: id } }),
      409,
      "project-closed"
    )
    assert.strictEqual(refusal["project"], id)
    assert.deepStrictEqual(await closeProject(server, id), closed)
    assert.lengthOf((await list(server, `type=${type}`)).items, 1)
    assert.deepStrictEqual(
      expectInvalid(await call(server, "PATCH", `/projects/${id}`, { json: { closed: false } })),
      ["closed"]
    )
  })

  it("without jobs is finished as soon as it is closed", async () => {
    const { id } = await createProject(server)
    const closed = await closeProject(server, id)
    assert.deepInclude(closed, { status: "finished", percent: 100 })
    assert.isString(closed.finishedAt)
    assert.strictEqual((await createProject(server, { closed: true })).status, "finished")
    expectProblem(await call(server, "DELETE", `/projects/${id}`), 409, "project-finished")
  })

  it("is followed from how it is now to its end, and tells how far it has come", async () => {
    const { id } = await createProject(server)
    const reader = await followProject(server, id)
    const first = await reader.take("the first standing")
    assert.deepStrictEqual([first.event, first.data], [null, JSON.stringify(await getProject(server, id))])
    const one = await startOne(server, { project: id })
    const other = await startOne(server, { project: id })
    const standing = async (isIt: (project: ReturnType<typeof projectIn>) => boolean) =>
      reader.until(({ data, event }) => event === null && isIt(projectIn(data)))
    await standing(({ counts }) => counts.processing === 2)
    await tell(server, one, sse(1, "percent", "50"))
    const percents = await reader.until(({ event }) => event === "percent")
    assert.deepInclude(percents.at(-1), { event: "percent", data: "25" })
    await finish(server, one)
    await standing(({ counts, percent }) => counts.done === 1 && percent === 50)
    await closeProject(server, id)
    await standing(({ status }) => status === "closed")
    await finish(server, other)
    const rest = await reader.rest()
    const [last, end] = rest.slice(-2)
    assert.deepStrictEqual(projectIn(last?.data ?? ""), await getProject(server, id))
    assert.deepInclude(projectIn(last?.data ?? ""), { status: "finished", percent: 100 })
    assert.deepStrictEqual([end?.event, end?.data, end?.id], ["end", "finished", last?.id])

    const resumed = await followProject(server, id, first.id ?? "")
    assert.deepStrictEqual<ReadonlyArray<unknown>>(await resumed.rest(), [last, end])
    const over = await open(server, "GET", `/projects/${id}`, {
      headers: { accept: "text/event-stream", "last-event-id": end?.id ?? "" }
    })
    assert.strictEqual(over.status, 204)
  })

  it("tells the feed once that it is finished, by its id", async () => {
    const { id, name } = await createProject(server, { jobs: [{ type: newName("type") }] })
    const feed = eventsOf(await open(server, "GET", `/events?project=${id}`))
    await cancelProject(server, id)
    const told = await feed.until(({ event }) => event === "project.finished")
    const counts = { ...none, cancelled: 1 }
    assert.deepInclude(asRecord(JSON.parse(told.at(-1)?.data ?? "")), { project: id, name, counts })
    const [event] = await feed.until(({ event }) => event === "stats")
    assert.strictEqual(event?.event, "stats")
  })

  it("is cancelled with all its jobs, those that run as their workers allow", async () => {
    const { id } = await createProject(server, {
      jobs: Array.from({ length: 300 }, () => ({ type: newName("type") }))
    })
    const running = await startOne(server, { project: id })
    const cancelled = await cancelProject(server, id, "?reason=too%20late", { as: "ann" })
    assert.deepInclude(cancelled, {
      status: "cancelled",
      closed: true,
      cancelRequest: { by: "ann", reason: "too late" }
    })
    expectProblem(
      await call(server, "POST", "/jobs", { json: { type: "t", project: id } }),
      409,
      "project-closed"
    )
    const finished = await eventually(async () => {
      const project = await getProject(server, id)
      assert.isString(project.finishedAt)
      return project
    })
    assert.deepInclude(finished, { status: "cancelled", percent: 100, counts: { ...none, cancelled: 301 } })
    assert.deepInclude(asRecord((await get(server, running.id)).error), { message: "too late", by: "ann" })
  })

  it("is unfinished again when one of its jobs is retried", async () => {
    const { id, jobs } = await createProject(server, { jobs: [{ type: newName("type") }], closed: true })
    expectStatus(await call(server, "DELETE", `/jobs/${jobs[0]}`), 202)
    await eventually(async () => assert.strictEqual((await getProject(server, id)).status, "finished"))
    expectStatus(await call(server, "POST", `/jobs/${jobs[0]}/retry`), 202)
    assert.deepInclude(await getProject(server, id), { status: "closed", finishedAt: null, percent: 0 })
  })

  it("is listed newest first, page by page", async () => {
    const made = [await createProject(server), await createProject(server), await createProject(server)]
    const [oldest, middle, newest] = made.map(({ id }) => id)
    const page = await listProjects(server, `cursor=${newest}&limit=1`)
    assert.isTrue(page.items.length === 1 && (page.items[0]?.id ?? "") >= (middle ?? ""))
    const below = await listProjects(server, `cursor=${middle}&limit=1000`)
    assert.include(
      below.items.map(({ id }) => id),
      oldest
    )
    assert.strictEqual(page.next, page.items[0]?.id)
  })
})
