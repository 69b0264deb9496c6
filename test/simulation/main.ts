/** `npm run simulate`: plays runs of the simulation, each drawn from a seed; `npm run simulate -- --help` says how. */
import { writeFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Option, Result } from "effect"
import hashes from "./hashes.json" with { type: "json" }
import { readTask } from "./tool/commandLine.ts"
import { type Hashes, renewHashes } from "./tool/hashes.ts"
import { playMany } from "./tool/manyRuns.ts"
import { playOne } from "./tool/oneRun.ts"
import { ofProcess } from "./tool/Output.ts"
import { type Status, status } from "./tool/Status.ts"
import type { Task } from "./tool/Task.ts"

const output = ofProcess(process)

/** A signal for Ctrl-C from now on; the second time it ends the process. */
const stopping = (): AbortSignal => {
  const controller = new AbortController()
  process.once("SIGINT", () => controller.abort())
  return controller.signal
}

const writeHashes = (renewed: Hashes): void =>
  writeFileSync(new URL("hashes.json", import.meta.url), `${JSON.stringify(renewed, null, 2)}\n`)

const perform = async (task: Task): Promise<Status> => {
  switch (task._tag) {
    case "OneRun":
      return playOne(task, output, stopping)
    case "ManyRuns":
      return playMany(task, output, stopping())
    case "Hashes":
      return renewHashes(hashes, writeHashes, output)
  }
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(status.unread)
  output.complain(`simulate: what is found cannot be written: ${error.message}`)
  process.exit(status.failed)
})

const reading = Effect.result(Effect.provide(readTask(process.argv.slice(2)), NodeServices.layer))
const task = await Effect.runPromise(reading)
if (Result.isFailure(task)) process.exitCode = status.mistyped
else if (Option.isSome(task.success)) process.exitCode = await perform(task.success.value)
