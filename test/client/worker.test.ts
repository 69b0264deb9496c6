/** The client and its worker against a server on a real socket, and against one that comes and goes. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { connect, type Progress, Problems } from "../../src/client/index.ts"
import { attempts, create, get, log, newName, waitForEnd } from "../support/jobs.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, withServer } from "../support/TestServer.ts"
import { eventually, pass, within } from "../support/waiting.ts"

withServer("the client", (server) => {
  const boss = () => connect({ url: server.url, identity: newName("worker") })

  it("creates a job and waits for its result", async () => {
    const type = newName("type")
    const worker = boss().work({
      types: [type],
      run: async ({ parameters }, progress) => {
        await progress.log("first\n")
        await progress.percent(100 / 3)
        await progress.message("half\nway")
        await progress.log("second\r\nthird")
        return { parameters, at: new Date(0), nothing: undefined }
      }
    })
    const { id } = await boss().create({ type, parameters: { size: 64 }, lease: "30s" })
    const job = await within(boss().waitFor(id), "the job")
    assert.strictEqual(job.status, "done")
    assert.deepStrictEqual(job.result, { parameters: { size: 64 }, at: "1970-01-01T00:00:00.000Z" })
    assert.deepStrictEqual(job.progress, { percent: 33.33, message: "half\nway" })
    assert.strictEqual(await boss().log(id), "first\nsecond\nthird")
    await worker.stop()
    await worker.ended
  })

  it("creates no second job for the same key", async () => {
    const job = { type: newName("type") }
    const idempotencyKey = newName("key")
    // Keys are the caller's own.
    const caller = boss()
    const first = await caller.create(job, { idempotencyKey })
    const second = await caller.create(job, { idempotencyKey })
    assert.strictEqual(first.id, second.id)
    assert.lengthOf(await caller.createMany([job, job]), 2)
  })

  it("rejects with the problem", async () => {
    const { id } = await boss().create({ type: newName("type") })
    const cancelled = await boss().cancel(id)
    assert.strictEqual(cancelled.status, "cancelled")
    assert.strictEqual((await boss().cancel(id)).status, "cancelled")
    assert.strictEqual((await boss().retry(id)).status, "pending")
    const again = await boss()
      .retry(id)
      .catch((error: unknown) => error)
    assert.instanceOf(again, Problems.JobNotRetryable)
    const missing = await boss()
      .get("01900000-0000-7000-8000-000000000000")
      .catch((error: unknown) => error)
    assert.instanceOf(missing, Problems.JobNotFound)
    assert.instanceOf(
      await boss()
        .get("nonsense")
        .catch((error: unknown) => error),
      Error
    )
  })

  it("reports what was thrown", async () => {
    const type = newName("type")
    const worker = boss().work({
      types: [type],
      run: async ({ parameters }) => {
        throw parameters === "object"
          ? { code: 7, retryable: false }
          : Object.assign(new Error("no"), { retryable: false })
      }
    })
    const [first, second] = [
      await create(server, { type, parameters: "error" }),
      await create(server, { type, parameters: "object" })
    ]
    const failed = await waitForEnd(server, first.id)
    assert.strictEqual(failed.status, "failed")
    assert.strictEqual(failed.attempts, 1)
    assert.deepInclude(failed.error, { message: "no", retryable: false })
    assert.deepStrictEqual((await waitForEnd(server, second.id)).error, { code: 7, retryable: false })
    await worker.stop()
  })

  it("fails a job whose result cannot be handed in", async () => {
    const type = newName("type")
    const worker = boss().work({
      types: [type],
      run: async ({ parameters }) => (parameters === "large" ? "x".repeat(2_000_000) : 1n)
    })
    const large = await waitForEnd(server, (await create(server, { type, parameters: "large" })).id)
    assert.strictEqual(large.status, "failed")
    assert.match(JSON.stringify(large.error), /the result was not taken/)
    const bigint = await create(server, { type, maxAttempts: 1 })
    assert.match(JSON.stringify((await waitForEnd(server, bigint.id)).error), /BigInt/)
    await worker.stop()
  })

  it("keeps a job alive past its lease, and tells long texts", async () => {
    const type = newName("type")
    const text = "ä😀".repeat(100_000)
    const worker = boss().work({
      types: [type],
      run: async (_, progress) => {
        await progress.log(text)
        await pass(3_000)
        return null
      }
    })
    const { id } = await create(server, { type, lease: "2s" })
    assert.strictEqual((await waitForEnd(server, id)).attempts, 1)
    assert.strictEqual(await log(server, id), text)
    await worker.stop()
  })

  it("stops the work when the job is cancelled", async () => {
    const type = newName("type")
    let isAborted = false
    const worker = boss().work({
      types: [type],
      run: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            isAborted = true
            resolve(null)
          })
        })
    })
    const { id } = await create(server, { type, lease: "500ms" })
    await eventually(async () => assert.strictEqual((await get(server, id)).status, "processing"))
    await boss().cancel(id)
    assert.strictEqual((await waitForEnd(server, id)).status, "cancelled")
    await eventually(() => assert.isTrue(isAborted))
    await worker.stop()
  })

  it("goes on from the checkpoint", async () => {
    const type = newName("type")
    const seen: Array<unknown> = []
    const worker = boss().work({
      types: [type],
      run: async ({ attemptNumber, checkpoint }, progress) => {
        seen.push(checkpoint)
        await progress.checkpoint({ at: attemptNumber })
        if (attemptNumber < 3) throw new Error("again")
        return checkpoint
      }
    })
    const { id } = await create(server, { type })
    assert.deepStrictEqual((await waitForEnd(server, id)).result, { at: 2 })
    assert.deepStrictEqual(seen, [null, { at: 1 }, { at: 2 }])
    await worker.stop()
  })

  it("finishes what is under way before it stops, so many at a time as it may", async () => {
    const type = newName("type")
    const ends: Array<(result: null) => void> = []
    const worker = boss().work({
      types: [type],
      concurrency: 3,
      run: () => new Promise<null>((resolve) => void ends.push(resolve))
    })
    const jobs = await boss().createMany(Array.from({ length: 12 }, () => ({ type })))
    await eventually(() => assert.lengthOf(ends, 3))
    await pass(100)
    assert.lengthOf(ends, 3)
    // One more for each that ends.
    ends[0]?.(null)
    await eventually(() => assert.lengthOf(ends, 4))
    const stopping = worker.stop()
    for (const end of ends) end(null)
    await within(stopping, "the worker's stop")
    const statuses = await Promise.all(jobs.map(async ({ id }) => (await get(server, id)).status))
    const count = (wanted: string) => statuses.filter((status) => status === wanted).length
    assert.deepStrictEqual([count("done"), count("pending")], [4, 8])
  })

  it("cannot work without a name", async () => {
    const worker = connect({ url: server.url }).work({ types: ["x"], run: async () => null })
    const reason = await within(
      worker.ended.catch((error: unknown) => error),
      "the worker's end"
    )
    assert.instanceOf(reason, Problems.Unauthenticated)
  })
})

describe("a worker whose server comes and goes", () => {
  /** Passes requests on, but answers the first of each kind with 503 and lets the answer of the second get lost. */
  const startUnreliable = async (target: string) => {
    const tries = new Map<string, number>()
    const pass = async (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Array<Uint8Array> = []
      for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk)
      const kind = `${request.method} ${request.url?.split("?")[0]?.replace(/[0-9a-f-]{36}/g, "id")}`
      const count = (tries.get(kind) ?? 0) + 1
      tries.set(kind, count)
      if (count === 1) {
        response.writeHead(503, { "content-type": "text/html", "retry-after": "0" }).end("<p>later</p>")
        return
      }
      const answer = await fetch(target + (request.url ?? ""), {
        method: request.method ?? "GET",
        headers: Object.fromEntries(
          ["authorization", "content-type", "idempotency-key"].flatMap((name) => {
            const value = request.headers[name]
            return typeof value === "string" ? [[name, value]] : []
          })
        ),
        body: chunks.length === 0 ? null : Buffer.concat(chunks)
      })
      const body = new Uint8Array(await answer.arrayBuffer())
      // A claim's lost answer is a lost job, which is another test's matter.
      if (count === 2 && !kind.endsWith("/attempt")) {
        response.destroy()
        return
      }
      response
        .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
        .end(body)
    }
    // A request may be under way when the server stops.
    const proxy = createServer((request, response) => {
      pass(request, response).catch(() => response.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    const address = proxy.address()
    if (typeof address !== "object" || address === null) return assert.fail("no address")
    return { url: `http://127.0.0.1:${address.port}`, proxy, tries }
  }

  it("does each job once, and tells each event once", async () => {
    const server = await start(theStore, quickPolicy)
    const { proxy, tries, url } = await startUnreliable(server.url)
    const type = newName("type")
    const boss = connect({ url, identity: "unreliable" })
    const run = async (_: unknown, progress: Progress) => {
      for (let n = 1; n <= 5; n++) {
        await progress.log(`line ${n}\n`)
        await progress.percent(n * 20)
      }
      return "done"
    }
    const worker = boss.work({ types: [type], run })
    const { id } = await boss.create({ type })
    const job = await within(boss.waitFor(id), "the job", 20_000)
    assert.strictEqual(job.result, "done")
    assert.deepStrictEqual(job.progress, { percent: 100, message: null })
    assert.strictEqual(await log(server, id), "line 1\nline 2\nline 3\nline 4\nline 5\n")
    assert.lengthOf(await attempts(server, id), 1)
    // The job is done before the worker has been told that it is.
    await eventually(() => assert.isAtLeast(tries.get("PUT /jobs/id/attempts/id/result") ?? 0, 3))
    await worker.stop()
    proxy.closeAllConnections()
    proxy.close()
    await server.stop()
  })
})
