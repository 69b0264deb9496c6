/** Programs as processes of their own: watched, and gone when the tests of the file are. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, assert } from "@effect/vitest"
import { within } from "./waiting.ts"

/** The root of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

/** How a process ended: with a status, or by a signal. */
export interface Ending {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process. */
export interface Program {
  readonly pid: number
  /** What it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves when it has ended and all that it wrote is there. */
  readonly ended: (millis?: number) => Promise<Ending>
  /** Kills it as a power cut would, with the programs that it started. */
  readonly kill: () => Promise<void>
}

export interface LaunchOptions {
  readonly env?: Record<string, string>
  readonly cwd?: string
  readonly input?: string
}

const running = new Set<ChildProcess>()
const launched: Array<{ readonly title: string; readonly program: Program }> = []
const folders: Array<string> = []

// This Node first, so that `node`, `npm` and `npx` are the ones that belong to it. None of the settings of whoever
// runs the tests may reach the server.
const environment = (added: Record<string, string>): NodeJS.ProcessEnv => {
  const isSetting = /^(DATABASE_URL|HOST|PORT|LAZYBOSS_.*|OTEL_.*)$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting.test(name)))
  return {
    ...env,
    PATH: `${dirname(process.execPath)}:${env["PATH"] ?? ""}`,
    NO_COLOR: "1",
    ...added
  }
}

// With all the programs that it started: it leads a group of its own.
const killGroup = ({ pid }: ChildProcess) => {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // None of them is left.
  }
}

/** Starts a program. */
export const launch = (
  command: string,
  args: ReadonlyArray<string>,
  { cwd = root, env = {}, input = "" }: LaunchOptions = {}
): Program => {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: "pipe", detached: true })
  const written = { stdout: "", stderr: "" }
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, signal) => resolve({ status, signal }))
  })
  ended.catch(() => undefined)
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      running.delete(child)
      resolve()
    })
  })
  running.add(child)
  child.stdout.setEncoding("utf8").on("data", (text) => (written.stdout += String(text)))
  child.stderr.setEncoding("utf8").on("data", (text) => (written.stderr += String(text)))
  // Whoever does not read its input is free not to.
  child.stdin.on("error", () => undefined).end(input)
  const program: Program = {
    pid: child.pid ?? -1,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    signal: (name) => void child.kill(name),
    ended: (millis = 10_000) => within(ended, `the end of ${command} ${args.join(" ")}`, millis),
    kill: async () => {
      killGroup(child)
      await within(exited, `the death of ${command}`)
    }
  }
  launched.push({ title: [command, ...args].join(" "), program })
  return program
}

/** Runs a program to its end, which must be a good one, and returns what it wrote to its standard output. */
export const runToEnd = async (
  command: string,
  args: ReadonlyArray<string>,
  { millis = 60_000, ...options }: LaunchOptions & { readonly millis?: number } = {}
): Promise<string> => {
  const program = launch(command, args, options)
  const { signal, status } = await program.ended(millis)
  assert.deepStrictEqual({ signal, status }, { signal: null, status: 0 }, program.stderr())
  return program.stdout()
}

/** A folder that goes with the tests of the file. */
export const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "lazyboss-test-"))
  folders.push(folder)
  return folder
}

const killAll = () => {
  for (const child of running) killGroup(child)
}

process.once("exit", killAll)

afterEach(({ task }) => {
  if (task.result?.state !== "fail") return
  for (const { program, title } of launched) {
    if (program.stderr() !== "") console.error(`${title} wrote:\n${program.stderr().slice(-4_000)}`)
  }
})

afterAll(async () => {
  killAll()
  await Promise.allSettled(launched.map(({ program }) => program.ended()))
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})
