/**
 * lazyboss side by side with pg-boss 12 on the same PostgreSQL in the same run, as ratios: medians of several rounds, in
 * which the systems take turns. `--rounds 5`, `--jobs 5000` (one at a time) and `--batched 50000` change the size.
 */
import { parseArgs } from "node:util"
import { measureRates, median, percentile, type Rates } from "./measure.ts"
import { startPostgres } from "./postgres.ts"
import type { System } from "./System.ts"
import { type Lazyboss, lazyboss } from "./systems/lazyboss.ts"
import { pgBoss } from "./systems/pgBoss.ts"

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    jobs: { type: "string", default: "5000" },
    batched: { type: "string", default: "50000" },
    latencies: { type: "string", default: "1000" }
  }
})

const scenarios = [
  { title: "one job per call, 64 callers", jobs: Number(values.jobs), perCall: 1, callers: 64 },
  { title: "100 jobs per call, 4 callers", jobs: Number(values.batched), perCall: 100, callers: 4 }
]

const compare = async (systems: ReadonlyArray<System>, scenario: (typeof scenarios)[number]) => {
  const rounds = new Map(systems.map((system): [string, Array<Rates>] => [system.name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const system of systems) rounds.get(system.name)?.push(await measureRates(system, scenario))
  }
  const medians = (name: string, figure: keyof Rates) =>
    median((rounds.get(name) ?? []).map((rates) => rates[figure]))
  console.log(`\n${scenario.title} (jobs per second, medians of ${values.rounds} rounds)`)
  console.table(
    Object.fromEntries([
      ...systems.map(({ name }) => [
        name,
        {
          create: Math.round(medians(name, "create")),
          "claim and finish": Math.round(medians(name, "work")),
          "whole life": Math.round(medians(name, "life"))
        }
      ]),
      [
        "ratio",
        {
          create: (medians("lazyboss", "create") / medians("pg-boss", "create")).toFixed(2),
          "claim and finish": (medians("lazyboss", "work") / medians("pg-boss", "work")).toFixed(2),
          "whole life": (medians("lazyboss", "life") / medians("pg-boss", "life")).toFixed(2)
        }
      ]
    ])
  )
}

/** Milliseconds from the answer to `POST /jobs` until a waiting worker holds the job. Less than none counts as none. */
const measureLatency = async (system: Lazyboss) => {
  const latencies: Array<number> = []
  for (let count = 0; count < Number(values.latencies); count++) {
    const claimed = system.claimOne().then(() => performance.now())
    // The poll must be waiting before the job is created; a round trip of another request shows that it is.
    await system.countDone()
    await system.createOne()
    const created = performance.now()
    latencies.push(Math.max(0, (await claimed) - created))
  }
  console.log(`\ncreate to claimed at a waiting poll, ${latencies.length} jobs, milliseconds`)
  console.table({
    lazyboss: { p50: percentile(latencies, 0.5).toFixed(2), p99: percentile(latencies, 0.99).toFixed(2) }
  })
}

const postgres = await startPostgres()
try {
  const boss = lazyboss(await postgres.createDatabase("lazyboss"), 65)
  const peer = pgBoss(await postgres.createDatabase("pgboss"))
  await boss.start()
  await peer.start()
  try {
    await measureLatency(boss)
    for (const scenario of scenarios) await compare([boss, peer], scenario)
  } finally {
    await boss.stop()
    await peer.stop()
  }
} finally {
  await postgres.stop()
}
