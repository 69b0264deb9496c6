/** The commands of the command line: as processes, as a user runs them, or within the tests, where they begin at once. */
import { format } from "node:util"
import { afterAll, assert } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ConfigProvider, Console, Effect, Fiber, Layer, Sink, Stdio, Stream } from "effect"
import { statusOf } from "../../src/cli/commandLine.ts"
import { lazyboss } from "../../src/cli/lazyboss.ts"
import { launch, type LaunchOptions, type Program } from "./processes.ts"
import { cli } from "./serving.ts"
import type { Server } from "./TestServer.ts"
import { within } from "./waiting.ts"

/** A command takes a second to begin as a process, on a busy machine many. */
const patience = 60_000

/** A command that was begun. */
export type Begun = Pick<Program, "stdout" | "stderr" | "ended">

/** Starts a command as a process. */
export const start = (args: ReadonlyArray<string>, options?: LaunchOptions): Program =>
  launch(process.execPath, [cli, ...args], options)

const underWay = new Set<Fiber.Fiber<void, unknown>>()

/** Begins a command within this process, which is no terminal. */
const beginHere = (args: ReadonlyArray<string>, { env = {}, input = "" }: LaunchOptions = {}): Begun => {
  const written = { stdout: "", stderr: "" }
  const writing = (to: keyof typeof written) => () =>
    Sink.forEach((chunk: string | Uint8Array) =>
      Effect.sync(
        () => void (written[to] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())
      )
    )
  const stdio = Stdio.layerTest({
    args: Effect.succeed(args),
    stdin: Stream.make(Buffer.from(input)),
    stdout: writing("stdout"),
    stderr: writing("stderr")
  })
  const console: Console.Console = {
    ...globalThis.console,
    log: (...texts) => void (written.stdout += `${format(...texts)}\n`),
    error: (...texts) => void (written.stderr += `${format(...texts)}\n`)
  }
  const fiber = Effect.runFork(
    lazyboss.pipe(
      Effect.provide([Layer.provideMerge(stdio, NodeServices.layer)]),
      Effect.provideService(Console.Console, console),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
    )
  )
  underWay.add(fiber)
  const ended = Effect.runPromise(Fiber.await(fiber)).then((exit) => {
    underWay.delete(fiber)
    return { status: statusOf(exit), signal: null }
  })
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended: (millis = 10_000) => within(ended, `the end of ${args.join(" ")}`, millis)
  }
}

afterAll(() => Effect.runPromise(Fiber.interruptAll(underWay)))

/** What a command wrote, and the status that it ended with. */
export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export const outcomeOf = async (command: Begun): Promise<Outcome> => {
  const { signal, status } = await command.ended(patience)
  assert.isNull(signal, command.stderr())
  assert.notMatch(command.stderr(), /^\s+at /m, "it shows a stack trace")
  return { status, stdout: command.stdout(), stderr: command.stderr() }
}

const commandsBy = <A extends Begun>(
  begins: (args: ReadonlyArray<string>, options: LaunchOptions) => A,
  server: Pick<Server, "url">,
  env: Record<string, string>
) => {
  const begin = (args: ReadonlyArray<string>, { input }: { readonly input?: string } = {}): A =>
    begins(args, { env: { LAZYBOSS_URL: server.url, ...env }, ...(input !== undefined && { input }) })
  return {
    begin,
    run: (...args: ReadonlyArray<string>): Promise<Outcome> => outcomeOf(begin(args)),
    /** What it wrote to standard output when it ended well. */
    says: async (...args: ReadonlyArray<string>): Promise<string> => {
      const { status, stderr, stdout } = await outcomeOf(begin(args))
      assert.strictEqual(status, 0, stderr)
      return stdout.trimEnd()
    },
    /** What it wrote as JSON. */
    json: async (...args: ReadonlyArray<string>): Promise<unknown> => {
      const { status, stderr, stdout } = await outcomeOf(begin([...args, "--json"]))
      assert.strictEqual(status, 0, stderr)
      return JSON.parse(stdout)
    },
    /** That it ends with this status, and says why in one line. */
    refuses: async (status: number, reason: RegExp, ...args: ReadonlyArray<string>): Promise<void> => {
      const outcome = await outcomeOf(begin(args))
      assert.strictEqual(outcome.status, status, outcome.stderr)
      assert.match(outcome.stderr, /^lazyboss: [^\n]+\n$/)
      assert.match(outcome.stderr, reason)
      assert.strictEqual(outcome.stdout, "")
    }
  }
}

/** The commands of somebody who talks to a server, as processes. */
export const programsOn = (server: Pick<Server, "url">, env: Record<string, string> = {}) =>
  commandsBy(start, server, env)

/** The same, within the tests. */
export const commandsOn = (server: Pick<Server, "url">, env: Record<string, string> = {}) =>
  commandsBy(beginHere, server, env)
