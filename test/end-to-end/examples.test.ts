/** The workers of `examples/` at real work, each as a process of its own, against a server as a user starts it. */
import { randomBytes } from "node:crypto"
import { afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import {
  expectedLog,
  expectedResult,
  type Files,
  type Language,
  languages,
  newFolderOf,
  newFolderOfWork,
  startWorker as startWorkerOn
} from "../support/exampleWorkers.ts"
import { call, expectStatus } from "../support/http.ts"
import { attempts, create, createMany, follow, get, jobOf, log, type WireJob } from "../support/jobs.ts"
import { newFolder, type Program, runToEnd } from "../support/processes.ts"
import { newDataDir, serve, serveEmbedded, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

/** A job of some seconds may take many on a busy machine. */
const patience = 60_000

let server: Serving
beforeAll(async () => {
  server = await serveEmbedded()
})

const workers: Array<Program> = []
const startWorker = (language: Language, name: string): Program => {
  const worker = startWorkerOn(server, language, name)
  workers.push(worker)
  return worker
}
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill()))
})

const oddFiles: Files = {
  "a.txt": "one two\tthree\nfour\r\nfive",
  empty: "",
  // Names that a JavaScript object has already, or puts in another order.
  constructor: "a name",
  "10": "ten",
  "9": "nine",
  "blank.txt": "\n \n\t\n",
  "no line break at the end": "word",
  "sub/deeper/umlaut ä.txt": "Grüße aus Köln – 日本 語\n",
  "sub/quo\"te\\back'slash.txt": 'quoted "words"\n',
  "sub/two\nlines.txt": "its name has two lines\n",
  "zeros.bin": randomBytes(300_000)
}

const waitForEnd = async (id: string, on: Serving = server): Promise<WireJob> =>
  eventually(async () => {
    const job = await get(on, id)
    assert.include(["done", "failed", "cancelled"], job.status, JSON.stringify(job))
    return job
  }, patience)

/** Waits until a job has got somewhere. */
const untilProgress = async (id: string, percent: number): Promise<void> => {
  const events = await follow(server, id)
  await events.until(({ data, event }) => event === "percent" && Number(data) >= percent)
}

describe.each(languages)("the worker in %s", (language: Language) => {
  it("does real work on real files", async () => {
    const name = `${language}-files`
    const folder = await newFolderOf(oddFiles)
    const worker = startWorker(language, name)
    for (const type of ["word-count", "checksum"] as const) {
      const { id } = await create(server, { type, parameters: { folder } })
      const job = await waitForEnd(id)
      const expected = await expectedResult(type, folder, Object.keys(oddFiles))
      assert.strictEqual(job.status, "done", JSON.stringify(job.error))
      assert.strictEqual(job.assignee, name)
      assert.deepStrictEqual<unknown>(job.result, expected)
      assert.deepStrictEqual(job.progress, { percent: 100, message: "11 of 11 files" })
      assert.strictEqual(await log(server, id), expectedLog(type, expected))
    }
    worker.signal("SIGTERM")
    assert.deepStrictEqual(await worker.ended(), { status: 0, signal: null }, worker.stderr())
  })

  it("has nothing to do in an empty folder, and fails for good without one", async () => {
    startWorker(language, `${language}-empty`)
    const empty = await create(server, { type: "word-count", parameters: { folder: await newFolder() } })
    const none = await create(server, { type: "checksum" })
    assert.deepStrictEqual((await waitForEnd(empty.id)).result, { files: {}, total: 0 })
    const failed = await waitForEnd(none.id)
    assert.strictEqual(failed.status, "failed")
    assert.strictEqual(failed.attempts, 1)
  })

  it("finishes its job before it leaves", async () => {
    const { files, folder } = await newFolderOfWork(40)
    const { id } = await create(server, { type: "word-count", parameters: { folder } })
    const worker = startWorker(language, `${language}-leaving`)
    await untilProgress(id, 3)
    worker.signal("SIGTERM")
    assert.deepStrictEqual(await worker.ended(patience), { status: 0, signal: null }, worker.stderr())
    const job = await get(server, id)
    assert.strictEqual(job.status, "done")
    assert.strictEqual(job.attempts, 1)
    assert.deepStrictEqual<unknown>(job.result, await expectedResult("word-count", folder, files))
  })

  it("stops when the job is cancelled", async () => {
    const { folder } = await newFolderOfWork(300)
    const { id } = await create(server, { type: "word-count", parameters: { folder } })
    startWorker(language, `${language}-cancelled`)
    await untilProgress(id, 1)
    expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202)
    const job = await waitForEnd(id)
    assert.strictEqual(job.status, "cancelled")
    // The worker said so, before the grace was over.
    assert.strictEqual((await attempts(server, id)).at(-1)?.outcome, "failed")
  })

  it("goes on from the checkpoint of a worker that was killed", async () => {
    const { files, folder } = await newFolderOfWork(60)
    const { id } = await create(server, { type: "word-count", lease: "3s", parameters: { folder } })
    const others = languages.filter((other) => other !== language)
    const first = startWorker(others[0] ?? language, `${language}-victim`)
    await untilProgress(id, 5)
    await first.kill()
    startWorker(language, `${language}-heir`)
    const job = await waitForEnd(id)
    assert.strictEqual(job.status, "done", JSON.stringify(job.error))
    assert.strictEqual(job.assignee, `${language}-heir`)
    assert.deepStrictEqual<unknown>(job.result, await expectedResult("word-count", folder, files))
    // On a machine that is busy enough, the heir may be taken for dead, too.
    const outcomes = (await attempts(server, id)).map(({ outcome }) => outcome)
    assert.deepStrictEqual([...new Set(outcomes)], ["lost", "done"])
    // Every file was counted, and hardly one twice.
    const lines = (await log(server, id)).trimEnd().split("\n")
    assert.strictEqual(new Set(lines).size, 60)
    assert.isBelow(lines.length, 60 + outcomes.length)
  })
})

it("the workers of all languages outlast a server that is killed in the middle of their jobs", async () => {
  const dataDir = await newDataDir()
  const first = await serve(["--port", "0", "--data-dir", dataDir])
  const { files, folder } = await newFolderOfWork(60)
  for (const language of languages) {
    workers.push(startWorkerOn(first, language, `${language}-patient`))
  }
  const jobs = await createMany(
    first,
    languages.map(() => ({ type: "word-count", parameters: { folder } }))
  )
  await eventually(async () => {
    for (const { id } of jobs) assert.isAtLeast((await get(first, id)).progress?.percent ?? 0, 3)
  }, patience)
  await first.kill()
  const again = await serve(["--port", String(first.port), "--data-dir", dataDir])
  const expected = await expectedResult("word-count", folder, files)
  for (const { id } of jobs) {
    const job = await waitForEnd(id, again)
    assert.deepStrictEqual<unknown>(job.result, expected)
    assert.lengthOf(await attempts(again, id), 1)
    assert.strictEqual(await log(again, id), expectedLog("word-count", expected))
  }
  await again.stop()
})

describe("the protocol of lazyboss 0.0.2", () => {
  it("works as its readme had it", async () => {
    const output = await runToEnd("sh", ["examples/original-protocol.sh"], {
      env: { LAZYBOSS_URL: server.url }
    })
    assert.notInclude(output, "urn:lazyboss:problem")
    for (const status of ["202 Accepted", "201 Created", "200 OK"]) assert.include(output, status)
    const [, id] = /^Location: \/jobs\/([^/\s]+)\s*$/im.exec(output) ?? []
    const job = jobOf(await call(server, "GET", `/jobs/${id}`))
    assert.strictEqual(job.status, "done")
    assert.deepStrictEqual(job.progress, { percent: 33, message: null })
    assert.strictEqual(await log(server, job.id), "<chunk>")
  })
})
