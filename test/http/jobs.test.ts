/** Looking at jobs and deciding on them. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { asRecord, call, expectInvalid, expectProblem, expectStatus } from "../support/http.ts"
import {
  attempts,
  claim,
  create,
  createMany,
  finish,
  get,
  jobOf,
  list,
  newName,
  report,
  startOne,
  type WireJob
} from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

withServer("jobs", (server) => {
  const cancel = (id: string) => call(server, "DELETE", `/jobs/${id}`)
  const retry = (id: string) => call(server, "POST", `/jobs/${id}/retry`)

  const makers: Record<WireJob["status"], () => Promise<string>> = {
    scheduled: async () => (await create(server, { type: newName("type"), delay: "1h" })).id,
    pending: async () => (await create(server, { type: newName("type") })).id,
    processing: async () => (await startOne(server)).id,
    done: async () => {
      const held = await startOne(server)
      await finish(server, held, 1)
      return held.id
    },
    failed: async () => {
      const held = await startOne(server, { maxAttempts: 1 })
      await report(server, held, "error", "broken")
      return held.id
    },
    cancelled: async () => {
      const { id } = await create(server, { type: newName("type") })
      await cancel(id)
      return id
    }
  }

  it.each(["scheduled", "pending"] as const)("cancels a %s job at once", async (status) => {
    const id = await makers[status]()
    const job = jobOf(expectStatus(await cancel(id), 202))
    assert.strictEqual(job.status, "cancelled")
    assert.isNotNull(job.finishedAt)
    assert.deepInclude(job.error, { reason: "cancelled" })
    assert.deepStrictEqual(await get(server, id), job)
  })

  it("asks the worker of a job that runs, and asking again changes nothing", async () => {
    const held = await startOne(server)
    assert.strictEqual(jobOf(expectStatus(await cancel(held.id), 202)).status, "processing")
    expectStatus(await cancel(held.id), 202)
    await eventually(async () => assert.strictEqual((await get(server, held.id)).status, "cancelled"))
  })

  it.each(["done", "failed", "cancelled"] as const)("does not cancel a job that is %s", async (status) => {
    const id = await makers[status]()
    const before = await get(server, id)
    const problem = expectProblem(await cancel(id), 409, "job-finished")
    assert.deepStrictEqual(problem["job"], before)
    assert.deepStrictEqual(await get(server, id), before)
  })

  it.each(["failed", "cancelled"] as const)("retries a %s job with fresh attempts", async (status) => {
    const id = await makers[status]()
    const before = await get(server, id)
    const job = jobOf(expectStatus(await retry(id), 202))
    assert.deepInclude(job, {
      status: "pending",
      attempts: 0,
      losses: 0,
      finishedAt: null,
      startedAt: null,
      assignee: null
    })
    const held = await claim(server, "w", { types: [before.type] })
    assert.deepStrictEqual([held.id, held.attemptNumber], [id, 1])
    await finish(server, held, 2)
    assert.deepInclude(await get(server, id), { status: "done", result: 2, error: null })
    assert.strictEqual((await attempts(server, id)).length, before.attempts + 1)
  })

  it.each(["scheduled", "pending", "processing", "done"] as const)(
    "does not retry a job that is %s",
    async (status) => {
      const id = await makers[status]()
      const before = await get(server, id)
      const problem = expectProblem(await retry(id), 409, "job-not-retryable")
      assert.deepStrictEqual(problem["job"], before)
      assert.deepStrictEqual(await get(server, id), before)
    }
  )

  it("retries a job once, however many ask at the same time", async () => {
    const id = await makers.failed()
    const answers = await Promise.all(Array.from({ length: 10 }, () => retry(id)))
    assert.strictEqual(answers.filter(({ status }) => status === 202).length, 1)
    assert.strictEqual(answers.filter(({ status }) => status === 409).length, 9)
  })

  it("shows each status with what belongs to it", async () => {
    for (const status of ["scheduled", "pending", "processing", "done", "failed", "cancelled"] as const) {
      const job = await get(server, await makers[status]())
      assert.strictEqual(job.status, status)
      const isOver = ["done", "failed", "cancelled"].includes(status)
      assert.strictEqual(job.finishedAt !== null, isOver, status)
      assert.strictEqual(job.startedAt !== null, ["processing", "done", "failed"].includes(status), status)
      assert.strictEqual(job.assignee !== null, ["processing", "done", "failed"].includes(status), status)
    }
  })

  it("does not find what there is not", async () => {
    const id = randomUUID()
    for (const [method, path] of [
      ["GET", `/jobs/${id}`],
      ["GET", `/jobs/${id}?wait=1s`],
      ["GET", `/jobs/${id}/attempts`],
      ["GET", `/jobs/${id}/log`],
      ["DELETE", `/jobs/${id}`],
      ["POST", `/jobs/${id}/retry`]
    ] as const) {
      expectProblem(await call(server, method, path), 404, "job-not-found")
    }
    expectProblem(
      await call(server, "GET", `/jobs/${id}`, { headers: { accept: "text/event-stream" } }),
      404,
      "job-not-found"
    )
  })

  it("lists by each filter and by several together", async () => {
    const type = newName("type")
    const { id: project } = await createProject(server)
    const worker = newName("worker")
    const [a, b, c] = await createMany(server, [
      { type, tags: ["x"], project },
      { type, tags: ["x", "y z"] },
      { type: `${type}.other`, tags: ["x"], project }
    ])
    const held = await claim(server, worker, { types: [type] })
    const ids = async (query: string) => (await list(server, query)).items.map(({ id }) => id)
    assert.strictEqual(held.id, a?.id)
    assert.deepStrictEqual(await ids(`type=${type}`), [b?.id, a?.id])
    assert.deepStrictEqual(await ids(`project=${project}`), [c?.id, a?.id])
    assert.deepStrictEqual(await ids(`assignee=${worker}`), [a?.id])
    assert.deepStrictEqual(await ids(`type=${type}&status=processing`), [a?.id])
    assert.deepStrictEqual(await ids(`type=${type}&status=pending`), [b?.id])
    assert.deepStrictEqual(await ids(`type=${type}&tag=y+z`), [b?.id])
    assert.deepStrictEqual(await ids(`type=${type}&tag=${encodeURIComponent("y z")}`), [b?.id])
    assert.deepStrictEqual(await ids(`type=${type}&tag=x`), [b?.id, a?.id])
    assert.deepStrictEqual(await ids(`type=${type}&tag=z`), [])
    assert.deepStrictEqual(await ids(`project=${project}&tag=x&type=${type}.other&status=pending`), [c?.id])
    const [shown] = (await list(server, `assignee=${worker}`)).items
    assert.deepStrictEqual(shown, await get(server, held.id))
    await finish(server, held)
    assert.deepStrictEqual(await ids(`assignee=${worker}`), [a?.id])
  })

  it("lists page by page without loss or repetition, while jobs are added", async () => {
    const type = newName("type")
    const jobs = await createMany(
      server,
      Array.from({ length: 25 }, () => ({ type }))
    )
    const found: Array<string> = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(
        server,
        `type=${type}&limit=10${cursor === null ? "" : `&cursor=${cursor}`}`
      )
      found.push(...page.items.map(({ id }) => id))
      cursor = page.next
      pages += 1
      await create(server, { type })
    } while (cursor !== null)
    assert.strictEqual(pages, 3)
    assert.deepStrictEqual(found, jobs.map(({ id }) => id).toReversed())
  })

  it("gives the next page's cursor only if there is one", async () => {
    const type = newName("type")
    await createMany(
      server,
      Array.from({ length: 100 }, () => ({ type }))
    )
    assert.isNull((await list(server, `type=${type}`)).next)
    assert.isNull((await list(server, `type=${type}&limit=100`)).next)
    assert.isNotNull((await list(server, `type=${type}&limit=99`)).next)
    await create(server, { type })
    const page = await list(server, `type=${type}`)
    assert.strictEqual(page.items.length, 100)
    assert.isNotNull(page.next)
  })

  it.each([
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=x", "limit"],
    ["limit=", "limit"],
    ["limit=1e999", "limit"],
    ["status=finished", "status"],
    ["cursor=x", "cursor"],
    ["project=x", "project"],
    ["type=-", "type"],
    ["assignee=%00", "assignee"],
    ["tag=", "tag"],
    ["staus=pending", "staus"],
    ["type=a&type=b", "type"]
  ])("refuses to list by %s", async (query, path) => {
    const paths = expectInvalid(await call(server, "GET", `/jobs?${query}`))
    assert.deepStrictEqual([...new Set(paths)], [path])
  })

  it("shows every attempt", async () => {
    const type = newName("type")
    const { id } = await create(server, { type })
    assert.deepStrictEqual(await attempts(server, id), [])
    const first = await claim(server, "a", { types: [type] })
    await report(server, first, "error", { message: "no" })
    const second = await claim(server, "b", { types: [type] })
    const past = await attempts(server, id)
    assert.deepStrictEqual(
      past.map((attempt) => [attempt.id, attempt.number, attempt.worker, attempt.outcome, attempt.error]),
      [
        [first.attempt, 1, "a", "failed", { message: "no" }],
        [second.attempt, 2, "b", null, null]
      ]
    )
    assert.deepStrictEqual(
      past.map(({ endedAt }) => endedAt === null),
      [false, true]
    )
  })

  it("is told in the problem what the job is like", async () => {
    const id = await makers.done()
    const problem = expectProblem(await cancel(id), 409, "job-finished")
    assert.strictEqual(asRecord(problem["job"])["id"], id)
    assert.isString(problem["detail"])
  })
})
