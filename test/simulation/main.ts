/**
 * `npm run simulate`: plays runs of the simulation, each drawn from a seed, and says what they covered.
 *
 * `--seed 7` plays that run alone, `--trace` shows all of it; `--runs 1000` or `--minutes 10` play many, from `--from` on.
 * A run that fails is made shorter, and its seed, options and last lines are shown. `--hashes` writes down the hashes of ten
 * runs anew, for whoever has changed on purpose what the domain does.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Coverage from "./coverage.ts"
import hashes from "./hashes.json" with { type: "json" }
import { draw } from "./Options.ts"
import { reduce } from "./reduce.ts"
import { type Outcome, type RunSettings, simulate } from "./Simulation.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    runs: { type: "string" },
    minutes: { type: "string" },
    trace: { type: "boolean", default: false },
    hashes: { type: "boolean", default: false }
  }
})

/** So many tries does it take at most to make a failure shorter. */
const triesToReduce = 200
/** So many lines of the trace are shown of a failure. */
const linesShown = 40
const hour = 3_600_000

const optionsAsText = ({ options }: Outcome): string =>
  JSON.stringify(options, (_, value: unknown) => (value instanceof Set ? [...value] : value))

const showFailure = (seed: string, outcome: Outcome): void => {
  console.log(`\nseed ${seed} fails: ${outcome.violation?.checker}: ${outcome.violation?.text}`)
  const reduced = reduce(outcome, {}, triesToReduce)
  console.log(`reduced to ${optionsAsText(reduced)}`)
  console.log(`${reduced.violation?.checker}: ${reduced.violation?.text}`)
  for (const line of reduced.trace.slice(-linesShown)) console.log(`  ${line}`)
}

const writeHashes = (): void => {
  const written = Object.fromEntries(Object.keys(hashes).map((seed) => [seed, simulate(draw(seed)).hash]))
  writeFileSync(new URL("hashes.json", import.meta.url), `${JSON.stringify(written, null, 2)}\n`)
}

const seed = values.seed
const settings: RunSettings = values.trace ? { write: (line) => console.log(line) } : {}
if (values.hashes) {
  writeHashes()
  process.exit()
}
const mostRuns =
  seed !== undefined
    ? 1
    : values.runs === undefined
      ? values.minutes === undefined
        ? 100
        : Infinity
      : Number(values.runs)
const until = values.minutes === undefined ? Infinity : Number(values.minutes) * 60_000
const sums = new Map<string, number>()
let runs = 0
let failures = 0
let simulated = 0

for (; runs < mostRuns && performance.now() < until; runs++) {
  const current = seed ?? String(Number(values.from) + runs)
  const outcome = simulate(draw(current), settings)
  simulated += outcome.simulatedMillis
  Coverage.add(sums, outcome.counts)
  if (seed !== undefined) console.log(`seed ${current}: hash ${outcome.hash}`)
  if (outcome.violation !== null) {
    failures += 1
    showFailure(current, outcome)
  }
  if (process.stdout.isTTY) {
    process.stdout.write(
      `\r${runs + 1} runs, ${failures} failed, ${(simulated / hour).toFixed(1)} simulated hours `
    )
  }
}

const wallSeconds = performance.now() / 1_000
console.log("")
for (const line of Coverage.summaryOf(sums)) console.log(line)
console.log(
  `${runs} runs, ${failures} failed, ${(simulated / hour).toFixed(1)} simulated hours, ` +
    `${(simulated / hour / wallSeconds).toFixed(2)} in a second`
)
process.exitCode = failures === 0 ? 0 : 1
