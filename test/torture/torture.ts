/**
 * Kills the server again and again while clients create jobs and workers do them, and then takes stock: every job that
 * was acknowledged is done, and none has two accepted outcomes.
 */
import type { ServerProcess } from "./ServerProcess.ts"

export interface TortureOptions {
  readonly kills: number
  /** Milliseconds between a restart and the next kill: something up to this. */
  readonly longestLife: number
  readonly clients: number
  readonly workers: number
}

export interface TortureReport {
  /** Jobs whose creation was acknowledged. */
  readonly acknowledged: number
  /** Acknowledged jobs that are not done, with their status. */
  readonly lost: ReadonlyArray<string>
  /** Jobs with more than one accepted outcome. */
  readonly doubled: ReadonlyArray<string>
  /** Milliseconds from the start of the process to the ready line. */
  readonly restarts: ReadonlyArray<number>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

const textOf = (body: unknown, key: string): string => {
  const value = isRecord(body) ? body[key] : undefined
  if (typeof value !== "string") throw new Error(`an answer without ${key}: ${JSON.stringify(body)}`)
  return value
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** How long the jobs that are left may take when nothing is killed any more. */
const drainLimit = 60_000

export const torture = async (server: ServerProcess, options: TortureOptions): Promise<TortureReport> => {
  const acknowledged = new Set<string>()
  const outcomes = new Map<string, Set<string>>()
  const going = { clients: true, workers: true }

  /** Undefined when no answer came: then nobody knows what has happened. */
  const call = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    try {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body)
      })
      const text = await response.text()
      const answer: Answer = { status: response.status, body: text === "" ? undefined : JSON.parse(text) }
      return answer
    } catch {
      return undefined
    }
  }

  /** Asks until there is an answer, as a client that cannot know what became of its request has to. */
  const insist = async (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    while (true) {
      const answer = await call(method, path, body, headers)
      if (answer !== undefined && answer.status !== 503) return answer
      await pause(20)
    }
  }

  const client = async (name: number) => {
    for (let count = 0; going.clients; count++) {
      const answer = await insist(
        "POST",
        "/jobs",
        { type: "torture", lease: "2s", parameters: { name, count } },
        { "idempotency-key": `${name}-${count}` }
      )
      if (answer.status !== 202 && answer.status !== 200)
        throw new Error(`POST /jobs: ${JSON.stringify(answer)}`)
      acknowledged.add(textOf(answer.body, "id"))
    }
  }

  const worker = async (name: number) => {
    const headers = { authorization: `Bearer worker-${name}` }
    while (going.workers) {
      const claimed = await call("POST", "/jobs/attempt?wait=1s", { types: ["torture"] }, headers)
      if (claimed?.status !== 201) {
        if (claimed === undefined) await pause(20)
        continue
      }
      const job = textOf(claimed.body, "id")
      const attempt = textOf(claimed.body, "attempt")
      const path = `/jobs/${job}/attempts/${attempt}/result`
      const answer = await insist("PUT", path, { by: name, attempt }, headers)
      // 200: the same was recorded before, and only the answer got lost.
      if (answer.status === 201 || answer.status === 200) {
        const accepted = outcomes.get(job) ?? new Set()
        outcomes.set(job, accepted.add(attempt))
      } else if (answer.status !== 409) {
        throw new Error(`PUT ${path}: ${JSON.stringify(answer)}`)
      }
    }
  }

  const unfinished = async () => {
    const statuses = new Map<string, string>()
    for (let cursor = ""; ;) {
      const response = await fetch(`${server.url}/jobs?type=torture&limit=1000${cursor}`)
      const page: unknown = await response.json()
      if (!isRecord(page) || !Array.isArray(page["items"]))
        throw new Error(`no page: ${JSON.stringify(page)}`)
      for (const job of page["items"]) statuses.set(textOf(job, "id"), textOf(job, "status"))
      if (page["next"] === null) break
      cursor = `&cursor=${textOf(page, "next")}`
    }
    return [...acknowledged]
      .filter((job) => statuses.get(job) !== "done")
      .map((job) => `${job}: ${statuses.get(job)}`)
  }

  const restarts = [await server.start()]
  const clients = Array.from({ length: options.clients }, (_, name) => client(name))
  const workers = Array.from({ length: options.workers }, (_, name) => worker(name))
  const crew = Promise.all([...clients, ...workers])

  const killAgainAndAgain = async () => {
    for (let kill = 0; kill < options.kills; kill++) {
      await pause(options.longestLife * Math.random())
      await server.kill()
      restarts.push(await server.start())
    }
    going.clients = false
    await Promise.all(clients)
    const deadline = performance.now() + drainLimit
    let lost = await unfinished()
    while (lost.length > 0 && performance.now() < deadline) {
      await pause(250)
      lost = await unfinished()
    }
    going.workers = false
    return lost
  }

  try {
    // A client or worker that meets what must not be ends the whole.
    const lost = await Promise.race([killAgainAndAgain(), crew.then(() => new Promise<never>(() => {}))])
    await crew
    const doubled = [...outcomes].filter(([, attempts]) => attempts.size > 1).map(([job]) => job)
    return { acknowledged: acknowledged.size, lost, doubled, restarts }
  } finally {
    going.clients = false
    going.workers = false
    await server.kill()
  }
}
