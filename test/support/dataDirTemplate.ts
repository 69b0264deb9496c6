/** Makes a data directory once for all end-to-end tests, with the server as it was built. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** A data directory without jobs, to be copied. */
    readonly dataDirTemplate: string
  }
}

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url))

export default async function makeDataDir(project: TestProject) {
  if (!existsSync(cli)) throw new Error("the end-to-end tests run what was built: npm run build")
  const folder = await mkdtemp(join(tmpdir(), "lazyboss-template-"))
  const dataDir = join(folder, "data")
  const server = spawn(process.execPath, [cli, "serve", "--port", "0", "--data-dir", dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LAZYBOSS_LOG_LEVEL: "error" }
  })
  const ended = once(server, "close")
  await Promise.race([once(server.stdout, "data"), ended])
  server.kill("SIGTERM")
  const [status]: ReadonlyArray<unknown> = await ended
  if (status !== 0) throw new Error(`the server ended with ${String(status)}`)
  project.provide("dataDirTemplate", dataDir)
  return () => rm(folder, { recursive: true, force: true })
}
