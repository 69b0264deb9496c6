/**
 * What `lazyboss top` costs, and how soon it answers: at 1,000 events a second, beside 100,000 jobs. `--rate`, `--jobs`,
 * `--columns` and `--rows` change the size, `--keys` how many keys are pressed, `--seconds` how long each view is looked at,
 * `--minutes` how long it is left running then, for its memory.
 */
import { loadavg } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { percentile } from "./measure.ts"
import { jobAt, startBusyServer } from "./top/busyServer.ts"
import { openTerminal } from "./top/terminal.ts"

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "1000" },
    jobs: { type: "string", default: "100000" },
    columns: { type: "string", default: "160" },
    rows: { type: "string", default: "50" },
    keys: { type: "string", default: "300" },
    seconds: { type: "string", default: "20" },
    minutes: { type: "string", default: "1" }
  }
})
const jobs = Number(values.jobs)

const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))
const server = await startBusyServer(jobs, Number(values.rate))
const command = `${process.execPath} ${cli} top --url ${server.url}`
const terminal = await openTerminal(command, Number(values.columns), Number(values.rows))

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MiB`
const millis = (values: ReadonlyArray<number>, share: number): string =>
  `${percentile(values, share).toFixed(1)} ms`

// Nobody presses keys in step with the frames.
const hesitate = () => sleep(40 + Math.random() * 160)

/** How long it takes until the selection has moved, a key after the other. */
const measureKeys = async (): Promise<ReadonlyArray<number>> => {
  const times: Array<number> = []
  let place = 0
  let step = 1
  for (let key = 0; key < Number(values.keys); key++) {
    await hesitate()
    if (place + step > 90 || place + step < 0) step = -step
    place += step
    const end = jobAt(jobs, place).id.slice(-12)
    times.push(await terminal.press(step > 0 ? "j" : "k", new RegExp(`\\u001b\\[7m[^\\n]*${end}`)))
  }
  return times
}

/** What share of a processor it takes to show a view. */
const measureShare = async (): Promise<number> => {
  const before = await terminal.usage()
  const begun = performance.now()
  await sleep(Number(values.seconds) * 1_000)
  const after = await terminal.usage()
  return (after.cpu - before.cpu) / (performance.now() - begun)
}

try {
  await terminal.until(/live/)
  const views = { overview: "1", types: "2", jobs: "3", workers: "4", events: "6" }
  const shares: Array<{ readonly view: string; readonly "of a processor": string; readonly memory: string }> =
    []
  // The first seconds are those of the compiler.
  await sleep(5_000)
  for (const [view, key] of Object.entries(views)) {
    const told = server.told()
    await terminal.press(key, /./)
    const share = await measureShare()
    const { memory } = await terminal.usage()
    shares.push({
      view: `${view}, ${((server.told() - told) / Number(values.seconds)).toFixed(0)} events/s`,
      "of a processor": `${(share * 100).toFixed(1)} %`,
      memory: mebibytes(memory)
    })
  }
  console.table(shares)

  await terminal.press("3", /STATUS/)
  await sleep(2_000)
  const times = await measureKeys()
  console.log(
    `key to frame, ${times.length} keys: p50 ${millis(times, 0.5)}, p95 ${millis(times, 0.95)}, p99 ${millis(times, 0.99)}`
  )

  await terminal.press("1", /wait p50/)
  for (let minute = 1; minute <= Number(values.minutes); minute++) {
    await sleep(60_000)
    console.log(`after ${minute} minutes more: ${mebibytes((await terminal.usage()).memory)}`)
  }
  console.log(
    `load of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`
  )
} finally {
  await terminal.close()
  server.stop()
}
