/** The commands of the command line, as a user runs them. */
import { assert } from "@effect/vitest"
import { launch, type LaunchOptions, type Program } from "./processes.ts"
import { cli } from "./serving.ts"
import type { Server } from "./TestServer.ts"

/** A command takes a second to begin, on a busy machine many. */
const patience = 60_000

/** Starts a command. */
export const start = (args: ReadonlyArray<string>, options?: LaunchOptions): Program =>
  launch(process.execPath, [cli, ...args], options)

/** What a command wrote, and the status that it ended with. */
export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export const outcomeOf = async (program: Program): Promise<Outcome> => {
  const { signal, status } = await program.ended(patience)
  assert.isNull(signal, program.stderr())
  assert.notMatch(program.stderr(), /^\s+at /m, "it shows a stack trace")
  return { status, stdout: program.stdout(), stderr: program.stderr() }
}

/** The commands of somebody who talks to a server. */
export const commandsOn = ({ url }: Pick<Server, "url">, env: Record<string, string> = {}) => {
  const begin = (args: ReadonlyArray<string>, { input }: { readonly input?: string } = {}): Program =>
    start(args, { env: { LAZYBOSS_URL: url, ...env }, ...(input !== undefined && { input }) })
  return {
    begin,
    run: (...args: ReadonlyArray<string>): Promise<Outcome> => outcomeOf(begin(args)),
    /** What it wrote to standard output when it ended well. */
    says: async (...args: ReadonlyArray<string>): Promise<string> => {
      const { status, stderr, stdout } = await outcomeOf(begin(args))
      assert.strictEqual(status, 0, stderr)
      return stdout.trimEnd()
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
