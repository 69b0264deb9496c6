/**
 * What is built here side by side with what is built in another checkout, `--before FOLDER`, on the same PostgreSQL in the same
 * run, in which they take turns: microseconds of the clock for each job. `--starts 5` (of both servers: how the compiler
 * fares differs from one process to the next), `--rounds 3` of each, `--jobs 4000` (one at a time) and `--batched 20000` change
 * the size. What `--before .` tells, a checkout beside itself, is noise.
 */
import { loadavg } from "node:os"
import { parseArgs } from "node:util"
import { measureRates, median, type Rates } from "./measure.ts"
import { startPostgres } from "./postgres.ts"
import { here, lazyboss } from "./systems/lazyboss.ts"

const { values } = parseArgs({
  options: {
    before: { type: "string" },
    starts: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    jobs: { type: "string", default: "4000" },
    batched: { type: "string", default: "20000" }
  }
})
if (values.before === undefined) throw new Error("--before FOLDER is wanted: a checkout that is built")
const checkouts = { before: values.before, now: here }
const starts = Number(values.starts)
const rounds = Number(values.rounds)

const scenarios = [
  { title: "singly, 64 callers", jobs: Number(values.jobs), perCall: 1, callers: 64 },
  { title: "100 a call, 4 callers", jobs: Number(values.batched), perCall: 100, callers: 4 }
]
const steps = ["create", "work"] as const

const micros = (rates: ReadonlyArray<Rates>, step: (typeof steps)[number]) =>
  rates.map((rate) => 1_000_000 / rate[step])

/** By the name of the scenario and of the version, in the order in which they were measured. */
const measured = new Map<string, Array<Rates>>()
const keyOf = (title: string, name: string) => `${title}: ${name}`

const postgres = await startPostgres()
try {
  const databases = new Map<string, string>()
  for (const name of Object.keys(checkouts)) databases.set(name, await postgres.createDatabase(name))
  for (let start = 0; start < starts; start++) {
    const versions = Object.entries(checkouts).map(([name, checkout]) => ({
      name,
      system: lazyboss(databases.get(name) ?? "", 64, checkout)
    }))
    for (const { system } of versions) await system.start()
    for (const scenario of scenarios) {
      // The first round is that of the compiler.
      for (let round = 0; round <= rounds; round++) {
        // Who comes first changes, for the one after it may pay for what the first has left to be written.
        for (const { name, system } of (start + round) % 2 === 0 ? versions : versions.toReversed()) {
          const rates = await measureRates(system, scenario)
          const key = keyOf(scenario.title, name)
          if (round > 0) measured.set(key, [...(measured.get(key) ?? []), rates])
        }
      }
    }
    for (const { system } of versions) await system.stop()
  }

  const rows: Record<string, Record<string, string>> = {}
  for (const { title } of scenarios) {
    for (const step of steps) {
      const [before, now] = ["before", "now"].map((name) =>
        micros(measured.get(keyOf(title, name)) ?? [], step)
      )
      if (before === undefined || now === undefined) continue
      const ratios = now.map((micros, index) => micros / (before[index] ?? Number.NaN))
      rows[`${step === "create" ? "create" : "claim and finish"} ${title}`] = {
        "before, smallest / median": `${Math.min(...before).toFixed(0)} / ${median(before).toFixed(0)}`,
        "now, smallest / median": `${Math.min(...now).toFixed(0)} / ${median(now).toFixed(0)}`,
        "ratio of medians": (median(now) / median(before)).toFixed(2),
        "ratios, smallest / median / largest": [Math.min(...ratios), median(ratios), Math.max(...ratios)]
          .map((ratio) => ratio.toFixed(2))
          .join(" / ")
      }
    }
  }
  console.log(
    `microseconds a job, ${starts} starts of ${rounds} rounds; load of the machine ${loadavg()[0]?.toFixed(1)}`
  )
  console.table(rows)
} finally {
  await postgres.stop()
}
