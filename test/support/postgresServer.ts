/** A PostgreSQL for all tests of a run, as it comes: durable, in a directory of its own. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the server is, without a database: `postgres://user:password@127.0.0.1:port`. */
    readonly postgresServer: string
  }
}

const program = fileURLToPath(new URL("postgresProcess.ts", import.meta.url))

/** Starts a PostgreSQL and gives its URL, without a database. */
export const forkPostgres = async () => {
  const child = fork(program, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] })
  const said: Array<string> = []
  child.stderr?.on("data", (text) => said.push(String(text)))
  const url: unknown = await Promise.race([
    once(child, "message").then(([message]) => message),
    once(child, "exit").then(() => undefined)
  ])
  if (typeof url !== "string") throw new Error(`PostgreSQL did not start: ${said.slice(-20).join("")}`)
  return {
    url,
    stop: async () => {
      child.disconnect()
      await once(child, "exit")
    }
  }
}

export default async function startPostgres(project: TestProject) {
  const { stop, url } = await forkPostgres()
  project.provide("postgresServer", url)
  return stop
}
