/** Workers that die of their jobs, and workers that are exchanged while they work: processes of their own. */
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { languages, newFolderOfWork, startWorker } from "../support/exampleWorkers.ts"
import { call, expectStatus } from "../support/http.ts"
import { attempts, create, createMany, get, list, newName, type WireJob } from "../support/jobs.ts"
import { launch, type Program, root } from "../support/processes.ts"
import { serveEmbedded, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

const patience = 60_000

/** A worker that a job may kill. */
const startMortal = (server: Serving, type: string, name: string): Program =>
  launch(process.execPath, [join(root, "test/support/mortalWorker.ts"), name, type], {
    env: { LAZYBOSS_URL: server.url }
  })

const ended = (server: Serving, id: string): Promise<WireJob> =>
  eventually(async () => {
    const job = await get(server, id)
    assert.include(["done", "failed"], job.status, JSON.stringify(job))
    return job
  }, patience)

it(
  "a job that kills every worker fails when its losses are spent, and does the others no harm",
  async () => {
    const server = await serveEmbedded()
    const type = newName("mortal")
    const own = { maxLost: 3, lease: "1s", quarantine: null }
    expectStatus(await call(server, "PUT", `/policies/${type}`, { json: own }), 200)
    const poison = await create(server, { type, parameters: { poison: true } })
    const others = await createMany(
      server,
      Array.from({ length: 20 }, (_, place) => ({ type, parameters: { poison: false, place } }))
    )

    // Somebody starts a new worker whenever one has died.
    let deaths = 0
    let isOver = false
    let worker = startMortal(server, type, newName("worker"))
    const keepUp = async () => {
      while (true) {
        await worker.ended(2 * patience)
        if (isOver) return
        deaths += 1
        worker = startMortal(server, type, newName("worker"))
      }
    }
    const keeper = keepUp()
    const failed = await ended(server, poison.id)
    assert.deepStrictEqual([failed.status, failed.losses], ["failed", 3])
    assert.deepStrictEqual(
      (await attempts(server, poison.id)).map(({ outcome }) => outcome),
      ["lost", "lost", "lost"]
    )
    for (const { id } of others) {
      const job = await ended(server, id)
      assert.deepStrictEqual([job.status, job.attempts, job.losses], ["done", 1, 0])
    }
    assert.strictEqual(deaths, 3)
    isOver = true
    await worker.kill()
    await keeper
    await server.stop()
  },
  3 * patience
)

it(
  "a rolling restart of all workers spends nothing of any job",
  async () => {
    const server = await serveEmbedded()
    const { folder } = await newFolderOfWork(20)
    const jobs = await createMany(
      server,
      Array.from({ length: 24 }, () => ({ type: "checksum", maxAttempts: 1, parameters: { folder } }))
    )
    expectStatus(await call(server, "PUT", "/policies/checksum", { json: { maxLost: 1 } }), 200)
    const startAll = async (generation: number) => {
      const started = languages.map((language) => startWorker(server, language, `${language}-${generation}`))
      for (const language of languages) {
        await eventually(async () =>
          expectStatus(await call(server, "GET", `/workers/${language}-${generation}`), 200)
        )
      }
      return started
    }
    let workers = await startAll(0)
    const untilDone = (count: number) =>
      eventually(async () => {
        const { items } = await list(server, "status=done&limit=100")
        assert.isAtLeast(items.length, count)
      }, patience)
    for (const generation of [1, 2]) {
      await untilDone(6 * generation)
      const successors = await startAll(generation)
      for (const worker of workers) worker.signal("SIGTERM")
      for (const worker of workers) {
        assert.deepStrictEqual(await worker.ended(patience), { status: 0, signal: null }, worker.stderr())
      }
      workers = successors
    }
    await untilDone(jobs.length)
    for (const { id } of jobs) {
      const job = await get(server, id)
      assert.deepStrictEqual([job.status, job.losses], ["done", 0])
      const outcomes = (await attempts(server, id)).map(({ outcome }) => outcome)
      assert.strictEqual(outcomes.at(-1), "done")
      assert.isTrue(
        outcomes.slice(0, -1).every((outcome) => outcome === "released"),
        outcomes.join()
      )
    }
    for (const worker of workers) worker.signal("SIGTERM")
    for (const worker of workers) await worker.ended(patience)
    await server.stop()
  },
  3 * patience
)
