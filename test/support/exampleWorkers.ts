/** The workers of `examples/`, and what their results must be. */
import { createHash } from "node:crypto"
import { link, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { launch, newFolder, type Program, root } from "./processes.ts"
import type { Server } from "./TestServer.ts"

const commands = {
  shell: ["bash", "examples/shell/worker.sh"],
  python: ["python3", "examples/python/worker.py"],
  typescript: [process.execPath, "examples/typescript/worker.ts"]
} as const

export type Language = keyof typeof commands
export const languages: ReadonlyArray<Language> = ["shell", "python", "typescript"]

/** Starts a worker. */
export const startWorker = ({ url }: Pick<Server, "url">, language: Language, name: string): Program => {
  const [command, script] = commands[language]
  return launch(command, [join(root, script), name], { env: { LAZYBOSS_URL: url } })
}

/** Files by their path in a folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Writes the files into a new folder. */
export const newFolderOf = async (files: Files): Promise<string> => {
  const folder = await newFolder()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

/** A new folder of so many files that the work on it takes seconds. They are one file by many names. */
export const newFolderOfWork = async (
  count: number
): Promise<{ folder: string; files: ReadonlyArray<string> }> => {
  const files = Array.from({ length: count }, (_, index) => `file-${1_000 + index}`)
  const folder = await newFolderOf({ "file-1000": "some words on a line\n".repeat(50_000) })
  for (const file of files.slice(1)) await link(join(folder, "file-1000"), join(folder, file))
  return { folder, files }
}

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13)

// Byte by byte, as no worker does it.
const countWords = (bytes: Uint8Array): number => {
  let words = 0
  let isWithin = false
  for (const byte of bytes) {
    if (!isWithin && !isSpace(byte)) words += 1
    isWithin = !isSpace(byte)
  }
  return words
}

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** What a worker hands in. */
export interface Result {
  readonly files: Readonly<Record<string, string | number>>
  readonly total: string | number
}

// An object has names like "10" first.
const inOrder = <A>(figures: Readonly<Record<string, A>>) =>
  Object.entries(figures).toSorted(([one], [other]) => (one < other ? -1 : 1))

/** What the result of a job on the files of a folder must be. */
export const expectedResult = async (
  type: "word-count" | "checksum",
  folder: string,
  files: ReadonlyArray<string>
): Promise<{ [Key in keyof Result]: Result[Key] }> => {
  const figures: Record<string, string | number> = {}
  for (const path of files.toSorted()) {
    const bytes = await readFile(join(folder, path))
    figures[path] = type === "checksum" ? sha256(bytes) : countWords(bytes)
  }
  const entries = inOrder(figures)
  const total =
    type === "checksum"
      ? sha256(entries.map(([path, sum]) => `${sum}  ${path}\n`).join(""))
      : entries.reduce((sum, [, words]) => sum + Number(words), 0)
  return { files: figures, total }
}

/** The log that a job leaves when its first attempt succeeds. */
export const expectedLog = (type: "word-count" | "checksum", { files }: Result): string =>
  inOrder(files)
    .map(([path, figure]) => `${path}: ${figure}${type === "checksum" ? "" : " words"}\n`)
    .join("")
