/** Ten workers in three languages finish many jobs, each exactly once. LAZYBOSS_FLEET_JOBS=1000 makes it more. */
import { assert, it } from "@effect/vitest"
import { expectedResult, languages, newFolderOf, startWorker } from "../support/exampleWorkers.ts"
import { attempts, createMany, get, list } from "../support/jobs.ts"
import { serveEmbedded } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

const jobCount = Number(process.env["LAZYBOSS_FLEET_JOBS"] ?? 150)
const workerCount = 10
/** A shell starts a dozen programs for a job. */
const patience = 60_000 + jobCount * 500

const files = {
  "poem.txt": "The boss is lazy.\nThe work is done.\n",
  "sub/list.txt": "one\ntwo\nthree\n"
}

it(
  `${workerCount} workers in ${languages.length} languages do ${jobCount} jobs, each once`,
  async () => {
    const server = await serveEmbedded()
    const folder = await newFolderOf(files)
    const expected = {
      "word-count": await expectedResult("word-count", folder, Object.keys(files)),
      checksum: await expectedResult("checksum", folder, Object.keys(files))
    }
    const workers = Array.from({ length: workerCount }, (_, index) => {
      const language = languages[index % languages.length] ?? "shell"
      return startWorker(server, language, `${language}-${index}`)
    })
    const created = await createMany(
      server,
      Array.from({ length: jobCount }, (_, index) => ({
        type: index % 2 === 0 ? "word-count" : "checksum",
        parameters: { folder }
      }))
    )

    await eventually(async () => {
      const pages = await Promise.all(
        ["pending", "scheduled", "processing"].map((status) => list(server, `status=${status}&limit=1`))
      )
      assert.deepStrictEqual(
        pages.flatMap(({ items }) => items),
        []
      )
    }, patience)

    const performers = new Set<string>()
    for (const { id, type } of created) {
      const job = await get(server, id)
      assert.strictEqual(job.status, "done", JSON.stringify(job))
      assert.deepStrictEqual<unknown>(job.result, expected[type === "checksum" ? "checksum" : "word-count"])
      const [only, ...more] = await attempts(server, id)
      assert.deepStrictEqual({ outcome: only?.outcome, more }, { outcome: "done", more: [] })
      performers.add(job.assignee?.replace(/-\d+$/, "") ?? "")
    }
    assert.sameMembers([...performers], [...languages])

    for (const worker of workers) worker.signal("SIGTERM")
    for (const worker of workers) {
      assert.deepStrictEqual(await worker.ended(), { status: 0, signal: null }, worker.stderr())
    }
    await server.stop()
  },
  patience + 60_000
)
