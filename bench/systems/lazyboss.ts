/** lazyboss, over HTTP, its server in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { payload, type System } from "../System.ts"
import { loadGenerator, type LoadGenerator } from "./loadGenerator.ts"

/** The checkout that this file belongs to. */
export const here = fileURLToPath(new URL("../..", import.meta.url))

export interface Lazyboss extends System {
  /** Waits for one job and tells its id. */
  readonly claimOne: () => Promise<string>
  /** Creates one job; resolves when the answer has come. */
  readonly createOne: () => Promise<void>
}

/** The server that was built in a checkout, with so many connections to it. */
export const lazyboss = (databaseUrl: string, callers: number, checkout = here): Lazyboss => {
  const program = join(checkout, "dist", "cli", "main.js")
  let server: ChildProcess | undefined
  let http: LoadGenerator | undefined

  const call: LoadGenerator["call"] = (method, path, body) => {
    if (http === undefined) throw new Error("not started")
    return http.call(method, path, body)
  }

  const isAssignment = (value: unknown): value is { readonly id: string; readonly attempt: string } =>
    typeof value === "object" && value !== null && "id" in value && "attempt" in value

  const claim = async (count: number) => {
    const answer = await call(
      "POST",
      "/jobs/attempt?wait=0s",
      count === 1 ? { types: ["bench"] } : { types: ["bench"], max: count }
    )
    return (Array.isArray(answer) ? answer : [answer]).filter(isAssignment)
  }

  return {
    name: "lazyboss",
    start: async () => {
      server = spawn(process.execPath, [program, "serve", "--port", "0", "--database-url", databaseUrl], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      const output = server.stdout
      if (output === null) throw new Error("no output")
      const [line] = await once(output, "data")
      const url = /http:\/\/\S+/.exec(String(line))?.[0]
      if (url === undefined) throw new Error(`lazyboss did not start: ${String(line)}`)
      http = loadGenerator(url, callers)
    },
    create: async (count) => {
      const job = { type: "bench", parameters: payload }
      await call("POST", "/jobs", count === 1 ? job : Array.from({ length: count }, () => job))
    },
    work: async (count) => {
      const jobs = await claim(count)
      const [first] = jobs
      if (first === undefined) return 0
      if (count === 1) {
        await call("PUT", `/jobs/${first.id}/attempts/${first.attempt}/result`, { ok: true })
      } else {
        await call(
          "POST",
          "/outcomes",
          jobs.map(({ attempt, id }) => ({ job: id, attempt, result: { ok: true } }))
        )
      }
      return jobs.length
    },
    countDone: async () => {
      let done = 0
      let cursor: string | null = ""
      while (cursor !== null) {
        const page: unknown = await call(
          "GET",
          `/jobs?status=done&limit=1000${cursor && `&cursor=${cursor}`}`
        )
        if (typeof page !== "object" || page === null || !("items" in page) || !("next" in page))
          throw new Error("no page")
        if (Array.isArray(page.items)) done += page.items.length
        cursor = typeof page.next === "string" ? page.next : null
      }
      return done
    },
    createOne: async () => {
      await call("POST", "/jobs", { type: "latency", parameters: payload })
    },
    claimOne: async () => {
      const answer = await call("POST", "/jobs/attempt?wait=60s", { types: ["latency"] })
      if (!isAssignment(answer)) throw new Error("no job came")
      return answer.id
    },
    stop: async () => {
      await http?.stop()
      if (server === undefined) return
      server.kill("SIGTERM")
      await once(server, "exit")
    }
  }
}
