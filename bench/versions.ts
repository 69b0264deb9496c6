/**
 * What is built here side by side with what is built in another checkout, `--before FOLDER`, on the same PostgreSQL in the same
 * run, in which they take turns: microseconds of the clock for each job. `--rounds 7`, `--jobs 5000` (one at a time) and
 * `--batched 30000` change the size.
 */
import { loadavg } from "node:os"
import { parseArgs } from "node:util"
import { measureRates, median, type Rates } from "./measure.ts"
import { startPostgres } from "./postgres.ts"
import { here, lazyboss } from "./systems/lazyboss.ts"

const { values } = parseArgs({
  options: {
    before: { type: "string" },
    rounds: { type: "string", default: "7" },
    jobs: { type: "string", default: "5000" },
    batched: { type: "string", default: "30000" }
  }
})
if (values.before === undefined) throw new Error("--before FOLDER is wanted: a checkout that is built")

const scenarios = [
  { title: "singly, 64 callers", jobs: Number(values.jobs), perCall: 1, callers: 64 },
  { title: "100 a call, 4 callers", jobs: Number(values.batched), perCall: 100, callers: 4 }
]
const steps = ["create", "work"] as const

const micros = (rates: ReadonlyArray<Rates>, step: (typeof steps)[number]) =>
  rates.map((rate) => 1_000_000 / rate[step])

const postgres = await startPostgres()
try {
  const versions = await Promise.all(
    Object.entries({ before: values.before, now: here }).map(async ([name, checkout]) => ({
      name,
      system: lazyboss(await postgres.createDatabase(name), 64, checkout)
    }))
  )
  for (const { system } of versions) await system.start()
  const rows: Record<string, Record<string, string>> = {}
  for (const scenario of scenarios) {
    const measured = new Map<string, Array<Rates>>()
    // The first round is that of the compiler.
    for (let round = 0; round <= Number(values.rounds); round++) {
      // Who comes first changes, for the one after it may pay for what the first has left to be written.
      for (const { name, system } of round % 2 === 0 ? versions : versions.toReversed()) {
        const rates = await measureRates(system, scenario)
        if (round > 0) measured.set(name, [...(measured.get(name) ?? []), rates])
      }
    }
    for (const step of steps) {
      const of = (name: string) => micros(measured.get(name) ?? [], step)
      const [before, now] = [of("before"), of("now")]
      rows[`${step === "create" ? "create" : "claim and finish"} ${scenario.title}`] = {
        "before, smallest / median": `${Math.min(...before).toFixed(0)} / ${median(before).toFixed(0)}`,
        "now, smallest / median": `${Math.min(...now).toFixed(0)} / ${median(now).toFixed(0)}`,
        "ratio of medians": (median(now) / median(before)).toFixed(2),
        "median of ratios": median(
          now.map((micros, round) => micros / (before[round] ?? Number.NaN))
        ).toFixed(2)
      }
    }
  }
  console.log(`microseconds a job, ${values.rounds} rounds; load of the machine ${loadavg()[0]?.toFixed(1)}`)
  console.table(rows)
  for (const { system } of versions) await system.stop()
} finally {
  await postgres.stop()
}
