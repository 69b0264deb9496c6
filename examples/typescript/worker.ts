/**
 * A worker that counts the words of a folder's files, or computes their SHA-256.
 *
 *     LAZYBOSS_URL=http://127.0.0.1:8080 node examples/typescript/worker.ts [NAME]
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join, relative } from "node:path"
import { type AssignmentJson, type Progress, runWorker } from "lazyboss"

/** By file. Not an object, which could not tell a file called `constructor` from its own. */
type Figures = Map<string, number | string>

const countWords = async (path: string, signal: AbortSignal): Promise<number> =>
  // One character per byte: words are what white space of ASCII separates, whatever the encoding.
  (await readFile(path, { encoding: "latin1", signal })).match(/[^ \t\n\v\f\r]+/g)?.length ?? 0

const checksum = async (path: string, signal: AbortSignal): Promise<string> => {
  const hash = createHash("sha256")
  for await (const block of createReadStream(path, { signal })) hash.update(block)
  return hash.digest("hex")
}

/** What is done with each file, how that is shown, and what it amounts to. */
const kinds = {
  "word-count": {
    measure: countWords,
    show: (figure: number | string) => `${figure} words`,
    total: (figures: Figures) => [...figures.values()].reduce<number>((sum, words) => sum + Number(words), 0)
  },
  checksum: {
    measure: checksum,
    show: String,
    // Like `sha256sum * | sha256sum`.
    total: (figures: Figures) => {
      const lines = [...figures].map(([file, sum]) => `${sum}  ${file}\n`)
      return createHash("sha256").update(lines.join("")).digest("hex")
    }
  }
}

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))

const filesOf = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted(byBytes)
}

// What came over the network is looked at before it is believed.
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null
const folderOf = ({ parameters }: AssignmentJson): string => {
  if (isRecord(parameters) && typeof parameters["folder"] === "string") return parameters["folder"]
  throw Object.assign(new Error("the parameters need a folder"), { retryable: false })
}
const doneBefore = ({ checkpoint }: AssignmentJson): Figures => {
  const files = isRecord(checkpoint) ? checkpoint["files"] : null
  const figures: Figures = new Map()
  for (const [file, figure] of Object.entries(isRecord(files) ? files : {})) {
    if (typeof figure === "number" || typeof figure === "string") figures.set(file, figure)
  }
  return figures
}

const run = async (job: AssignmentJson, progress: Progress) => {
  const kind = job.type === "checksum" ? kinds.checksum : kinds["word-count"]
  const folder = folderOf(job)
  const files = await filesOf(folder)
  const figures = doneBefore(job)

  for (const [index, file] of files.entries()) {
    if (figures.has(file)) continue
    const figure = await kind.measure(join(folder, file), progress.signal)
    figures.set(file, figure)
    await progress.log(`${file}: ${kind.show(figure)}\n`)
    await progress.percent(((index + 1) / files.length) * 100)
    await progress.message(`${index + 1} of ${files.length} files`)
    await progress.checkpoint({ files: Object.fromEntries(figures) })
  }
  // What was done before is not always in the order of the files.
  const inOrder = new Map([...figures].toSorted(([one], [other]) => byBytes(one, other)))
  return { files: Object.fromEntries(inOrder), total: kind.total(inOrder) }
}

// Until SIGTERM: then the job under way is finished, and no other is taken.
await runWorker({
  url: process.env["LAZYBOSS_URL"] ?? "http://127.0.0.1:8080",
  identity: process.argv[2] ?? `typescript-${hostname()}-${process.pid}`,
  types: Object.keys(kinds),
  run
})
