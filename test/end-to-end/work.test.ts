/** `lazyboss work` as a process, that is told to stop and outlasts its server. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, beforeAll, it } from "@effect/vitest"
import { outcomeOf, programsOn } from "../support/commands.ts"
import { attempts, create, get, log, newName } from "../support/jobs.ts"
import { newFolder } from "../support/processes.ts"
import { isAlive, patient, pidIn, shell, untilEnd } from "../support/programs.ts"
import { newDataDir, serve, serveEmbedded, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

/** A job of some seconds may take many on a busy machine. */
const patience = 60_000

let server: Serving
beforeAll(async () => {
  server = await serveEmbedded()
})

const beginWork = (type: string, command: ReadonlyArray<string>, ...options: ReadonlyArray<string>) =>
  programsOn(server, { LAZYBOSS_TOKEN_OF_TESTS: "seen" }).begin(["work", type, ...options, "--", ...command])

it("is not told the worker's secret", async () => {
  const type = newName("type")
  const { id } = await create(server, { type })
  const script = 'echo "${LAZYBOSS_TOKEN:-none} $LAZYBOSS_TOKEN_OF_TESTS"'
  assert.strictEqual((await outcomeOf(beginWork(type, shell(script), "--once"))).status, 0)
  assert.strictEqual((await get(server, id)).result, "none seen")
})

it("finishes what it has, and takes no more", async () => {
  const done = join(await newFolder(), "done")
  const type = newName("type")
  const { id } = await create(server, { type })
  const next = await create(server, { type })
  const worker = beginWork(type, ["env", `DONE=${done}`, ...shell(patient)])
  await pidIn(server, id)
  worker.signal("SIGTERM")
  await eventually(() => assert.match(worker.stderr(), /finishing/))
  await writeFile(done, "")
  assert.strictEqual((await outcomeOf(worker)).status, 0)
  assert.strictEqual((await get(server, id)).result, "finished")
  assert.strictEqual((await get(server, next.id)).status, "pending")
})

it("hands back what it has if it is told twice", async () => {
  const type = newName("type")
  const { id } = await create(server, { type })
  const worker = beginWork(type, shell(`trap '' TERM; ${patient}`))
  const pid = await pidIn(server, id)
  worker.signal("SIGTERM")
  await eventually(() => assert.match(worker.stderr(), /finishing/))
  worker.signal("SIGTERM")
  assert.strictEqual((await outcomeOf(worker)).status, 0)
  assert.isFalse(isAlive(pid))
  assert.deepStrictEqual(
    (await attempts(server, id)).map(({ outcome }) => outcome),
    ["released"]
  )
  assert.strictEqual((await get(server, id)).status, "pending")
})

it("outlasts a server that is killed, and loses nothing of what was said", async () => {
  const dataDir = await newDataDir()
  const first = await serve(["--port", "0", "--data-dir", dataDir])
  const done = join(await newFolder(), "done")
  const type = newName("type")
  const { id } = await create(first, { type })
  const script = `n=0; while [ ! -e "$DONE" ]; do n=$((n + 1)); echo "line $n"; sleep 0.05; done; echo $n`
  const worker = programsOn(first).begin([
    "work",
    type,
    "--once",
    "--",
    "env",
    `DONE=${done}`,
    ...shell(script)
  ])
  await eventually(async () => assert.include(await log(first, id), "line 5\n"), patience)
  await first.kill()
  const again = await serve(["--port", String(first.port), "--data-dir", dataDir])
  await writeFile(done, "")
  const job = await untilEnd(again, id)
  const count = Number(job.result)
  assert.isAbove(count, 5)
  const lines = Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("")
  assert.strictEqual(await log(again, id), `${lines}${count}\n`)
  assert.lengthOf(await attempts(again, id), 1)
  assert.strictEqual((await outcomeOf(worker)).status, 0)
  await again.stop()
})
