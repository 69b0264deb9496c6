/** What the README and the documents beside it show of a running server, pasted as it is into one bash session. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { launch, newFolder, root } from "../support/processes.ts"
import { serveEmbedded } from "../support/serving.ts"

/** The shell blocks of a text. */
const blocksIn = (text: string): ReadonlyArray<string> => {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? "")
  assert.isNotEmpty(blocks)
  return blocks
}

/** Those below the heading, up to the next heading of its level. */
const blocksBelow = (heading: string, readme: string): ReadonlyArray<string> => {
  const [, after = ""] = readme.split(`\n## ${heading}\n`)
  const [section = ""] = after.split(/^## /m)
  return blocksIn(section)
}

const read = (file: string) => readFile(join(root, file), "utf8")

// What curl is told is bad it answers with status 0: so the answers are looked at, too.
const problem = /urn:lazyboss:problem:[\w-]+/

it("every command works as pasted", async () => {
  const server = await serveEmbedded()
  const readme = await read("README.md")
  const headings = ["A tour", "Who gets which job", "Supervise it"]
  const documents = await Promise.all(["docs/matching.md", "docs/supervising.md"].map(read))
  const blocks = [
    ...headings.flatMap((heading) => blocksBelow(heading, readme)),
    ...documents.flatMap(blocksIn)
  ]
  // A shell that stops at the first command that fails, and says which it was.
  const script = ["set -o pipefail", "trap 'echo \"failed: $BASH_COMMAND\" >&2; exit 1' ERR", ...blocks].join(
    "\n"
  )
  const shell = launch("bash", ["-s"], {
    cwd: await newFolder(),
    env: { LAZYBOSS_URL: server.url },
    input: `${script}\n`
  })
  const ending = await shell.ended(90_000)
  assert.deepStrictEqual(ending, { status: 0, signal: null }, shell.stderr() + shell.stdout())
  assert.notMatch(shell.stdout(), problem)
  assert.notMatch(shell.stderr(), problem)
  await server.stop()
})
