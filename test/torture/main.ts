/** `npm run torture`: kill -9 under load, on each store. `--kills 20`, `--life 2000` (milliseconds), `--store embedded`. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { forkPostgres } from "../support/postgresServer.ts"
import { freePort, serverProcess } from "./ServerProcess.ts"
import { torture } from "./torture.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    life: { type: "string", default: "2000" },
    store: { type: "string", multiple: true, default: ["embedded", "postgres"] }
  }
})

const options = { kills: Number(values.kills), longestLife: Number(values.life), clients: 8, workers: 16 }

const onEmbedded = async () => {
  const directory = await mkdtemp(join(tmpdir(), "lazyboss-torture-"))
  try {
    return await torture(serverProcess(await freePort(), ["--data-dir", directory]), options)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const onPostgres = async () => {
  const postgres = await forkPostgres()
  try {
    return await torture(
      serverProcess(await freePort(), ["--database-url", `${postgres.url}/postgres`]),
      options
    )
  } finally {
    await postgres.stop()
  }
}

let isGood = true
for (const store of values.store) {
  const report = await (store === "postgres" ? onPostgres() : onEmbedded())
  const [, ...restarts] = report.restarts.map(Math.round)
  console.log(
    `${store}: ${options.kills} kills, ${report.acknowledged} jobs acknowledged, ${report.lost.length} not done, ` +
      `${report.doubled.length} with two outcomes, restarts of ${Math.min(...restarts)} to ${Math.max(...restarts)} ms`
  )
  for (const job of [...report.lost, ...report.doubled]) console.log(`  ${job}`)
  isGood = isGood && report.lost.length === 0 && report.doubled.length === 0
}
process.exitCode = isGood ? 0 : 1
