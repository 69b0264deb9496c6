/**
 * What it costs to find the right one of many jobs: claims over HTTP with jobs in many groups and workers of many kinds,
 * beside claims of jobs that are all alike, in turns, as a ratio of their 95th percentiles. `--jobs 1000000`,
 * `--groups 200`, `--kinds 50`, `--few 1000`, `--claims 500` and `--rounds 7` change the size.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { median, percentile } from "./measure.ts"
import { type Postgres, startPostgres } from "./postgres.ts"

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "1000000" },
    groups: { type: "string", default: "200" },
    kinds: { type: "string", default: "50" },
    few: { type: "string", default: "1000" },
    claims: { type: "string", default: "500" },
    rounds: { type: "string", default: "7" }
  }
})

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))

const startServer = async (
  databaseUrl: string
): Promise<{ readonly url: string; readonly process: ChildProcess }> => {
  const server = spawn(process.execPath, [program, "serve", "--port", "0", "--database-url", databaseUrl], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [line] = await once(server.stdout, "data")
  const url = /http:\/\/\S+/.exec(String(line))?.[0]
  if (url === undefined) throw new Error(`lazyboss did not start: ${String(line)}`)
  return { url, process: server }
}

const stopServer = async (server: ChildProcess) => {
  server.kill("SIGTERM")
  await once(server, "exit")
}

/** A job of each group: its kind of worker can do it, and others may be wished for. */
const jobOf = (group: number, groups: number) =>
  groups === 1
    ? { type: "bench", parameters: {} }
    : {
        type: `bench.${group % 4}`,
        parameters: {},
        constraints: [
          { skill: "level", op: "gte", value: group % Number(values.kinds) },
          { skill: "group", op: "eq", value: group, weight: 1 }
        ]
      }

/** Of an open server the token is the name of whoever calls. */
const call = async (url: string, method: string, path: string, body: unknown, caller = "bench") => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${caller}`, "content-type": "application/json" },
    body: JSON.stringify(body)
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.status
}

// As the server makes them (UUID version 7): what comes into being together lies together.
const idAt = (time: string) => `(
  lpad(to_hex(floor(extract(epoch from ${time}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
  || '8' || substr(md5(random()::text), 1, 15)
)::uuid`

// One job of each group is made by the server, which knows best what belongs to it; the others are its copies, which came
// before it, of all groups by turns.
const fill = async (databaseUrl: string, jobs: number, groups: number) => {
  const server = await startServer(databaseUrl)
  await call(
    server.url,
    "POST",
    "/jobs",
    Array.from({ length: groups }, (_, group) => jobOf(group, groups))
  )
  // Nobody is to be told of jobs that wait, as most of these do, and no worker is to lose what it has claimed.
  await call(server.url, "PUT", "/policies/default", { unclaimedAlert: null, lease: "1h", pickup: null })
  await stopServer(server.process)
  const copies = Math.ceil(jobs / groups) - 1
  await Effect.runPromise(
    Effect.gen(function* () {
      const sql = yield* PgClient.make({ url: Redacted.make(databaseUrl) })
      yield* sql.unsafe("create temporary table made as select * from job").unprepared
      yield* sql.unsafe(`
        with copy as (
          insert into job (
            id, group_id, type, status, run_at, first_run_at, created_at, version, parameters_size, tags
          )
          select
            ${idAt("run_at - copy * interval '1 millisecond'")}, group_id, type, status, run_at - copy * interval '1 millisecond', first_run_at,
            created_at, version, parameters_size, tags
          from made, generate_series(1, ${copies}) as copy
          order by copy desc, group_id
          returning id
        )
        insert into job_payload (job_id, parameters) select id, '{}' from copy`).unprepared
      yield* sql.unsafe("vacuum analyze").unprepared
    }).pipe(Effect.scoped, Effect.provide(Reactivity.layer))
  )
}

interface Side {
  readonly title: string
  readonly kinds: number
  readonly url: string
  readonly process: ChildProcess
}

const start = async (
  postgres: Postgres,
  name: string,
  jobs: number,
  groups: number,
  kinds: number
): Promise<Side> => {
  const databaseUrl = await postgres.createDatabase(name)
  await fill(databaseUrl, jobs, groups)
  return {
    title: `${jobs} jobs, groups: ${groups}, kinds of workers: ${kinds}`,
    kinds,
    ...(await startServer(databaseUrl))
  }
}

/** The milliseconds that claims take, each by the next kind of worker. */
const measure = async ({ kinds, url }: Side) => {
  const latencies: Array<number> = []
  for (let count = 0; count < Number(values.claims); count++) {
    const kind = count % kinds
    const begun = performance.now()
    const status = await call(
      url,
      "POST",
      "/jobs/attempt?wait=0s",
      { skills: { level: kind, group: kind } },
      `worker-${kind}`
    )
    latencies.push(performance.now() - begun)
    if (status !== 201) throw new Error(`no job came: ${status}`)
  }
  return percentile(latencies, 0.95)
}

const postgres = await startPostgres()
try {
  const most = Number(values.claims) * (Number(values.rounds) + 1)
  if (Number(values.few) < most)
    console.log(`${values.few} jobs do not last for ${most} claims: they are ${most}`)
  const sides = [
    await start(postgres, "few", Math.max(most, Number(values.few)), 1, 1),
    await start(postgres, "many", Number(values.jobs), Number(values.groups), Number(values.kinds))
  ]
  try {
    const rounds = new Map(sides.map((side): [Side, Array<number>] => [side, []]))
    // The first round warms up.
    for (const side of sides) await measure(side)
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const side of sides) rounds.get(side)?.push(await measure(side))
    }
    const [few = Number.NaN, many = Number.NaN] = [...rounds.values()].map(median)
    console.log(
      `\np95 of a claim over HTTP, milliseconds, medians of ${values.rounds} rounds of ${values.claims} claims`
    )
    console.table(
      Object.fromEntries([...rounds].map(([{ title }, p95]) => [title, { p95: median(p95).toFixed(2) }]))
    )
    console.log(`ratio ${(many / few).toFixed(2)} (goal: at most 1.5)`)
  } finally {
    for (const { process: server } of sides) await stopServer(server)
  }
} finally {
  await postgres.stop()
}
