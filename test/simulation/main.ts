/**
 * `npm run simulate`: plays runs of the simulation, each drawn from a seed, and says what they covered.
 *
 * `--seed 7` plays that run alone, and `--options JSON` the one of these options, as they are printed of a failure; `--trace`
 * shows all of it. `--runs 1000` or `--minutes 10` play many, from `--from` on, in as many threads as the machine has cores
 * unless `--workers` says otherwise. Whoever stops it is told what was covered until then; if many runs leave something out,
 * that is a failure. A run that fails is made shorter, and its seed, options and last lines are shown. `--hashes` writes down
 * the hashes of ten runs anew, for whoever has changed on purpose what the domain does.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { Schema } from "effect"
import * as Coverage from "./coverage.ts"
import hashes from "./hashes.json" with { type: "json" }
import { draw, type Options, OptionsText } from "./Options.ts"
import { playAll, usualWorkers } from "./playing.ts"
import { reduce } from "./reduce.ts"
import { type Outcome, type RunSettings, simulate } from "./Simulation.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    options: { type: "string" },
    from: { type: "string", default: "1" },
    runs: { type: "string" },
    minutes: { type: "string" },
    workers: { type: "string", default: String(usualWorkers) },
    trace: { type: "boolean", default: false },
    hashes: { type: "boolean", default: false }
  }
})

/** The most tries to make a failure shorter. */
const triesToReduce = 200
/** How many lines of the trace are shown of a failure. */
const linesShown = 40
/** How many failures are made shorter and shown; of the others there is the seed. */
const mostShown = 5
const hour = 3_600_000

/** Among this many runs everything must have occurred that is expected to. */
const enoughForAll = 1_000

const showFailure = (seed: string, outcome: Outcome): void => {
  console.log(`\nseed ${seed} fails: ${outcome.violation?.checker}: ${outcome.violation?.text}`)
  const reduced = reduce(outcome, {}, triesToReduce)
  console.log(`reduced to ${Schema.encodeSync(OptionsText)(reduced.options)}`)
  console.log(`${reduced.violation?.checker}: ${reduced.violation?.text}`)
  for (const line of reduced.trace.slice(-linesShown)) console.log(`  ${line}`)
}

const writeHashes = (): void => {
  const written = Object.fromEntries(Object.keys(hashes).map((seed) => [seed, simulate(draw(seed)).hash]))
  writeFileSync(new URL("hashes.json", import.meta.url), `${JSON.stringify(written, null, 2)}\n`)
}

const playOne = (options: Options): void => {
  const { seed } = options
  const settings: RunSettings = values.trace ? { write: (line) => console.log(line) } : {}
  const outcome = simulate(options, settings)
  console.log(`seed ${seed}: hash ${outcome.hash}`)
  for (const line of Coverage.summaryOf(outcome.counts)) console.log(line)
  if (outcome.violation === null) return
  showFailure(seed, outcome)
  process.exitCode = 1
}

/** How many runs are played if nobody says for how long either. */
const usualRuns = 100

const playMany = async (): Promise<void> => {
  const minutes = values.minutes === undefined ? Infinity : Number(values.minutes)
  const most = values.runs === undefined ? (minutes === Infinity ? usualRuns : Infinity) : Number(values.runs)
  const sums = new Map<string, number>()
  const failed: Array<string> = []
  let runs = 0
  let simulated = 0
  let isStopped = false
  process.once("SIGINT", () => {
    isStopped = true
  })
  const sum = () =>
    `${runs} runs, ${failed.length} failed, ${(simulated / hour).toFixed(1)} simulated hours, ` +
    `${(simulated / hour / (performance.now() / 1_000)).toFixed(2)} in a second`

  await playAll(
    {
      from: Number(values.from),
      runs: most,
      workers: Number(values.workers),
      isEnough: () => isStopped || performance.now() > minutes * 60_000
    },
    (played) => {
      runs += played.runs
      simulated += played.simulatedMillis
      Coverage.add(sums, played.counts)
      failed.push(...played.failed)
      for (const seed of played.failed) console.log(`\nseed ${seed} fails`)
      if (process.stdout.isTTY) process.stdout.write(`\r${sum()} `)
    }
  )
  for (const seed of failed.slice(0, mostShown)) showFailure(seed, simulate(draw(seed)))
  console.log("")
  for (const line of Coverage.summaryOf(sums)) console.log(line)
  console.log(sum())
  const isWhole = runs < enoughForAll || Coverage.missingFrom(sums).length === 0
  process.exitCode = failed.length === 0 && isWhole ? 0 : 1
}

if (values.hashes) writeHashes()
else if (values.options !== undefined) playOne(Schema.decodeSync(OptionsText)(values.options))
else if (values.seed !== undefined) playOne(draw(values.seed))
else await playMany()
