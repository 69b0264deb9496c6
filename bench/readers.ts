/**
 * What readers cost the server: some that read the feed of events and never take anything, and many that follow a job. The
 * heap must not grow with the events, and jobs must be created about as fast as without them. `--silent 200`,
 * `--followers 1000`, `--events 50000` and `--jobs 6000` change the size.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    silent: { type: "string", default: "200" },
    followers: { type: "string", default: "1000" },
    events: { type: "string", default: "50000" },
    jobs: { type: "string", default: "6000" }
  }
})
const steps = 5
const callers = 32

const server = fork(fileURLToPath(new URL("readers/server.ts", import.meta.url)), {
  execArgv: ["--expose-gc"]
})

const fieldOf = (value: unknown, name: string): string => {
  const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  if (typeof field !== "string" && typeof field !== "number") throw new Error(`no ${name}`)
  return String(field)
}

const [ready] = await once(server, "message")
const url = new URL(fieldOf(ready, "url"))

const ask = async (question: "cost" | "heap") => {
  const answer = once(server, "message")
  server.send(question)
  const [told] = await answer
  return Number(fieldOf(told, question))
}

const heap = async () => `${((await ask("heap")) / 1_048_576).toFixed(1)} MiB`

const call = async (method: string, path: string, body?: object) => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: "Bearer bench", "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body)
  })
  const text = await response.text()
  const answer: unknown = text === "" ? undefined : JSON.parse(text)
  return answer
}

/** Asks for an event stream, and takes the beginning of it. */
const openStream = async (path: string): Promise<Socket> => {
  const socket = connect(Number(url.port), url.hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`)
  await once(socket, "data")
  return socket
}

const inTurn = async (count: number, step: (index: number) => Promise<unknown>) => {
  let next = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (next < count) await step(next++)
    })
  )
}

try {
  // A report on an attempt that is over makes an event, and leaves nothing in the store.
  await call("POST", "/jobs", { type: "bench" })
  const held = await call("POST", "/jobs/attempt", { types: ["bench"] })
  const attempt = `/jobs/${fieldOf(held, "id")}/attempts/${fieldOf(held, "attempt")}`
  await call("PUT", `${attempt}/result`, {})
  const followed = await call("POST", "/jobs", { type: "followed", delay: "1h" })

  const figures: Array<{
    readonly when: string
    readonly heap: string
    readonly created?: string
    readonly cost?: string
  }> = []
  const note = async (when: string) => figures.push({ when, heap: await heap() })
  /** How many jobs are created in a second, and what the server's processor spends on each. */
  const noteCreation = async (when: string) => {
    const before = await ask("cost")
    const begun = performance.now()
    await inTurn(Number(values.jobs), () => call("POST", "/jobs", { type: "created", delay: "1h" }))
    const rate = (Number(values.jobs) * 1_000) / (performance.now() - begun)
    const cost = ((await ask("cost")) - before) / Number(values.jobs)
    figures.push({
      when,
      heap: await heap(),
      created: `${rate.toFixed(0)} jobs/s`,
      cost: `${cost.toFixed(0)} us/job`
    })
  }
  await note("at the beginning")
  // The first time warms up.
  for (const turn of [1, 2, 3]) await noteCreation(`nobody reads, ${turn}`)

  const sockets: Array<Socket> = []
  await inTurn(Number(values.silent), async () => {
    const socket = await openStream("/events")
    sockets.push(socket.pause())
  })
  await note(`${values.silent} read the feed, and take nothing`)
  await inTurn(Number(values.followers), async () => {
    sockets.push((await openStream(`/jobs/${fieldOf(followed, "id")}`)).resume())
  })
  await note(`${values.followers} follow a job`)
  for (const turn of [1, 2, 3]) await noteCreation(`they all do, ${turn}`)
  const perStep = Math.ceil(Number(values.events) / steps)
  for (let step = 1; step <= steps; step++) {
    await inTurn(perStep, () => call("PUT", `${attempt}/heartbeat`))
    await note(`after ${step * perStep} events`)
  }
  // By now the buffers of those who take nothing are full, and they are told nothing more.
  for (const turn of [4, 5, 6]) await noteCreation(`they all do, ${turn}`)
  for (const socket of sockets) socket.destroy()
  await call("GET", "/healthz")
  await note("they have left")
  for (const turn of [1, 2]) await noteCreation(`nobody reads, ${turn + 3}`)
  console.table(figures)
} finally {
  server.kill()
}
