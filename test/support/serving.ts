/** The built server as a process, as a user starts it. */
import { cp } from "node:fs/promises"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { inject } from "vitest"
import { launch, type LaunchOptions, newFolder, type Program, root } from "./processes.ts"
import { eventually } from "./waiting.ts"

/** A fresh data directory takes seconds to make, on a busy machine many. */
const startPatience = 60_000

export const cli = join(root, "dist/cli/main.js")

/** A server that is ready. */
export interface Serving extends Program {
  readonly url: string
  readonly port: number
  /** The line that it printed when it was ready. */
  readonly readyLine: string
  /** Stops it with SIGTERM, and asserts that it ends well. */
  readonly stop: () => Promise<void>
}

/** Starts `lazyboss serve` without waiting for it. */
export const launchServe = (args: ReadonlyArray<string>, options?: LaunchOptions): Program =>
  launch(process.execPath, [cli, "serve", ...args], options)

/** Waits until the server is ready. */
export const untilReady = async (program: Program): Promise<Serving> => {
  let hasEnded = false
  program.ended(startPatience).then(
    () => (hasEnded = true),
    () => undefined
  )
  const readyLine = await eventually(() => {
    const [line] = /^.*\n/.exec(program.stdout()) ?? []
    if (line === undefined && hasEnded) return ""
    return line?.trimEnd() ?? assert.fail(`the server is not ready: ${program.stderr()}`)
  }, startPatience)
  const [, url, port] = / on (http:\/\/\S+:(\d+)) /.exec(readyLine) ?? []
  if (url === undefined) return assert.fail(`the server did not start: ${readyLine}${program.stderr()}`)
  return {
    ...program,
    url,
    port: Number(port),
    readyLine,
    stop: async () => {
      program.signal("SIGTERM")
      assert.deepStrictEqual(await program.ended(), { status: 0, signal: null }, program.stderr())
    }
  }
}

/** Starts a server and waits until it is ready. */
export const serve = (args: ReadonlyArray<string>, options?: LaunchOptions): Promise<Serving> =>
  untilReady(launchServe(args, options))

/** A data directory in which a server has run before, for making one takes seconds and copying it does not. */
export const newDataDir = async (): Promise<string> => {
  const dataDir = join(await newFolder(), "data")
  await cp(inject("dataDirTemplate"), dataDir, { recursive: true })
  return dataDir
}

/** A server on a free port and an empty embedded store of its own. */
export const serveEmbedded = async (): Promise<Serving> =>
  serve(["--port", "0", "--data-dir", await newDataDir()])
