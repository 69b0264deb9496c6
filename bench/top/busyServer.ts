/** A server that has much to tell, and does nothing: what a dashboard asks for is answered as if there were so many jobs. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { BossEventJson } from "../../src/domain/events/BossEvent.ts"
import type { JobJson } from "../../src/domain/jobs/Job.ts"
import type { StatsSnapshot } from "../../src/domain/stats/StatsSnapshot.ts"
import type { Worker } from "../../src/domain/workers/Worker.ts"

/** Events of so long a time are told together, as lazyboss does. */
const gathering = 20

const types = ["thumbnail", "video.transcode", "report", "invoice", "mail.send", "import", "export", "index"]
const statuses = ["pending", "pending", "processing", "done", "failed", "scheduled"] as const

const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`
const typeOf = (number: number): string => types[number % types.length] ?? ""
const now = () => new Date().toISOString()

/** The job that was created so many jobs before the newest. */
export const jobAt = (jobs: number, place: number): JobJson => {
  const number = jobs - place
  const status = statuses[number % statuses.length] ?? "pending"
  const hasBegun = status === "processing" || status === "done" || status === "failed"
  return {
    id: idOf(number),
    type: typeOf(number),
    status,
    parameters: { number },
    constraints: [],
    priority: 0,
    tags: ["bench"],
    project: null,
    fairnessKey: null,
    createdBy: "bench",
    schedule: null,
    createdAt: now(),
    runAt: now(),
    startedAt: hasBegun ? now() : null,
    finishedAt: status === "done" || status === "failed" ? now() : null,
    expiresIn: null,
    expiresAt: null,
    assignee: hasBegun ? `worker-${number % 40}` : null,
    attempt: null,
    attempts: hasBegun ? 1 : 0,
    maxAttempts: 5,
    losses: 0,
    lease: "60s",
    maxRun: "30m",
    progress: status === "processing" ? { percent: number % 100, message: "working" } : null,
    result: null,
    error: status === "failed" ? { message: "it did not work out" } : null
  }
}

const statsOf = (jobs: number, told: number): typeof StatsSnapshot.Encoded => {
  const standing = (share: number) => ({
    counts: {
      scheduled: 10,
      pending: Math.round(jobs * share),
      processing: 40,
      done: told,
      failed: Math.round(told / 100),
      cancelled: 0
    },
    totals: {
      created: Math.round(told * share),
      assigned: Math.round(told * share),
      returned: 0,
      retried: 0,
      done: Math.round(told * share),
      failed: Math.round((told * share) / 100),
      cancelled: 0
    },
    rates: { created: 250 * share, assigned: 250 * share, done: 250 * share, failed: 2.5 * share },
    failureRate: 0.01
  })
  return {
    at: now(),
    types: types.map((type) => ({
      type,
      ...standing(1 / types.length),
      paused: false,
      concurrency: null,
      oldestPending: now()
    })),
    truncated: false,
    total: standing(1),
    version: "bench",
    uptime: "1h",
    vacancies: 12,
    wait: { p50: "12ms", p95: "140ms" },
    run: { p50: "1s", p95: "30s" },
    streams: { followers: 0, events: 1, progress: 40, claims: 0 }
  }
}

const workers: ReadonlyArray<typeof Worker.Encoded> = Array.from({ length: 40 }, (_, place) => ({
  name: `worker-${place}`,
  state: "active",
  reason: null,
  changedBy: null,
  firstSeenAt: now(),
  lastSeenAt: now(),
  present: true,
  types,
  skills: { memoryGb: 16, gpu: ["cuda"] },
  accepts: [],
  running: [],
  record: types.map((type) => ({ type, done: 100, failed: 2, lost: 0, medianRun: "1s" })),
  quarantines: []
}))

const eventOf = (number: number): BossEventJson => {
  const job = { at: now(), job: idOf(number), type: typeOf(number), project: null }
  const attempt = { worker: `worker-${number % 40}`, attempt: idOf(number), attemptNumber: 1 }
  switch (number % 4) {
    case 0:
      return { event: "job.created", ...job, runAt: job.at }
    case 1:
      return { event: "job.assigned", ...job, ...attempt }
    case 2:
      return { event: "job.progress", ...job, ...attempt, percent: number % 100, message: "working" }
    default:
      return { event: "job.done", ...job, ...attempt }
  }
}

const written = (id: number, event: string, data: unknown): string =>
  `id: 0123456789ab.${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Starts it. It tells so many events a second to whoever listens. */
export const startBusyServer = async (jobs: number, rate: number) => {
  let told = 0

  const tellEvents = (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    const started = performance.now()
    let here = 0
    let lastStats = 0
    const timer = setInterval(() => {
      const elapsed = performance.now() - started
      let text = ""
      for (const due = Math.floor((elapsed * rate) / 1_000); here < due; here++) {
        told += 1
        const event = eventOf(told)
        text += written(told, event.event, event)
      }
      if (elapsed - lastStats >= 1_000) {
        lastStats = elapsed
        text += written(told, "stats", statsOf(jobs, told))
      }
      response.write(text)
    }, gathering)
    response.on("close", () => clearInterval(timer))
  }

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://bench")
    const json = (body: unknown) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
    }
    switch (pathname) {
      case "/events":
        return tellEvents(response)
      case "/stats":
        return json(statsOf(jobs, told))
      case "/jobs": {
        const limit = Number(searchParams.get("limit") ?? 100)
        return json({ items: Array.from({ length: limit }, (_, place) => jobAt(jobs, place)), next: idOf(1) })
      }
      case "/workers":
        return json({ items: workers, next: null })
      default:
        response.writeHead(404).end()
    }
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === "string") throw new Error("it does not listen")
  return {
    url: `http://127.0.0.1:${address.port}`,
    told: () => told,
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
