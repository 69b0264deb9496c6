/** The package as a user gets it: packed, installed into an empty folder, run, and imported. */
import { readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { launch, newFolder, root, runToEnd } from "../support/processes.ts"
import { newDataDir, untilReady } from "../support/serving.ts"

const program = `
import { connect, Problems } from "lazyboss"

const boss = connect({ url: process.env.LAZYBOSS_URL, identity: "user" })
const worker = boss.work({
  types: ["greet"],
  run: async (job, progress) => {
    await progress.log("greeting\\n")
    return { greeting: \`hello \${job.parameters.name}\` }
  }
})
const { id } = await boss.create({ type: "greet", parameters: { name: "world" } })
const job = await boss.waitFor(id)
await worker.stop()
const missing = await boss.get("01900000-0000-7000-8000-000000000000").catch((error) => error)
console.log(JSON.stringify([job.result, await boss.log(id), missing instanceof Problems.JobNotFound]))
`

const typed = `
import { connect, type JobJson } from "lazyboss"
const job: Promise<JobJson> = connect({ url: "http://127.0.0.1:8080" }).create({ type: "x" })
// @ts-expect-error a typo
connect({ url: "http://127.0.0.1:8080" }).create({ typ: "x" })
export default job
`

it("installs into an empty folder, serves and can be imported", { timeout: 300_000 }, async () => {
  const folder = await newFolder()
  // What is packed is what was built; the scripts would build it again, under the feet of other tests.
  await runToEnd("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: root })
  const [tarball = assert.fail("nothing was packed")] = await readdir(folder)
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n')
  await runToEnd("npm", ["install", "--silent", "--no-audit", "--no-fund", `./${tarball}`], {
    cwd: folder,
    millis: 240_000
  })

  const server = await untilReady(
    launch("npx", ["lazyboss", "serve", "--port", "0", "--data-dir", await newDataDir()], { cwd: folder })
  )
  await writeFile(join(folder, "program.js"), program)
  const output = await runToEnd(process.execPath, ["program.js"], {
    cwd: folder,
    env: { LAZYBOSS_URL: server.url }
  })
  assert.deepStrictEqual<unknown>(JSON.parse(output), [{ greeting: "hello world" }, "greeting\n", true])

  await writeFile(join(folder, "typed.ts"), typed)
  await runToEnd(
    join(root, "node_modules/.bin/tsc"),
    ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2024", "typed.ts"],
    { cwd: folder }
  )
  // As a terminal does it: npx does not pass a signal on.
  process.kill(-server.pid, "SIGINT")
  await server.ended()
})
