/** A real terminal, as tmux emulates it: what is typed into it, and what its user sees. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, assert } from "@effect/vitest"
import { newFolder } from "./processes.ts"
import { eventually, pass } from "./waiting.ts"

const run = promisify(execFile)

export interface Terminal {
  /** Types a line at the shell of the terminal, which is there before and after the programs. */
  readonly type: (line: string) => Promise<void>
  /** Presses keys, by tmux's names for them. */
  readonly press: (...keys: ReadonlyArray<string>) => Promise<void>
  /** What is on the screen, line by line. */
  readonly lines: () => Promise<ReadonlyArray<string>>
  /** Waits until the screen shows what matches, and returns it. */
  readonly until: (pattern: RegExp, millis?: number) => Promise<string>
  readonly resize: (columns: number, rows: number) => Promise<void>
  /** Whether the alternate screen is on, and whether the cursor is hidden. */
  readonly modes: () => Promise<{ readonly isAlternate: boolean; readonly isCursorHidden: boolean }>
  /** Runs a program in the foreground, and returns its process id. */
  readonly start: (command: string) => Promise<number>
}

/** The shell waits for a line, and nothing is on the screen below. */
export const atPrompt = /^ready:\s*$(?![^]*\S)/m

const open: Array<string> = []

afterAll(async () => {
  for (const socket of open) await run("tmux", ["-S", socket, "kill-server"]).catch(() => undefined)
})

// Nothing of the terminal in which the tests run.
const environment = (added: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
  HOME: process.env["HOME"] ?? "/",
  TZ: "UTC",
  LANG: "C.UTF-8",
  ...added
})

/** On a machine that has ten times more to do than it can, a program takes its time to begin. */
const patience = 60_000
/** Each look at the screen is a process: not too many of them. */
const betweenLooks = 100

/** Opens a terminal of this size. */
export const openTerminal = async (
  columns: number,
  rows: number,
  env: Record<string, string> = {}
): Promise<Terminal> => {
  const folder = await newFolder()
  const socket = join(folder, "tmux")
  const tmux = async (...args: ReadonlyArray<string>): Promise<string> => {
    try {
      return (await run("tmux", ["-S", socket, "-f", "/dev/null", ...args], { env: environment(env) })).stdout
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        return assert.fail(
          "this test looks at a real terminal, and needs tmux (https://tmux.github.io) for it"
        )
      }
      throw error
    }
  }
  // The shell says when it is ready for another line, and nothing else.
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), "PS1='ready: ' exec sh -i")
  open.push(socket)

  const text = () => tmux("capture-pane", "-p")
  const until = (pattern: RegExp, millis = patience) =>
    eventually(async () => {
      await pass(betweenLooks)
      const shown = await text()
      return pattern.test(shown) ? shown : assert.fail(`no ${pattern} on the screen:\n${shown}`)
    }, millis)
  const type = async (line: string) => {
    await tmux("send-keys", "-l", line)
    await tmux("send-keys", "Enter")
  }
  let started = 0
  await until(atPrompt)
  return {
    type,
    press: async (...keys) => {
      // A key that follows an Escape at once would be one with it.
      for (const [place, key] of keys.entries()) {
        await tmux("send-keys", key)
        if (key === "Escape" && place < keys.length - 1) await pass(50)
      }
    },
    lines: async () => (await text()).split("\n").slice(0, -1),
    until,
    resize: async (width, height) => {
      await tmux("resize-window", "-x", String(width), "-y", String(height))
    },
    modes: async () => {
      const [alternate, cursor] = (await tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}"))
        .trim()
        .split(" ")
      return { isAlternate: alternate === "1", isCursorHidden: cursor === "0" }
    },
    start: async (command) => {
      const file = join(folder, `pid-${started++}`)
      await type(`sh -c 'echo $$ > ${file}; exec ${command}'`)
      return Number(
        await eventually(async () => {
          const written = await readFile(file, "utf8")
          assert.match(written, /^\d+\n$/)
          return written
        }, patience)
      )
    }
  }
}
