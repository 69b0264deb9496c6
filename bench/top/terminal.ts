/** A program in a terminal whose output is read as it comes. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"

/** What the operating system says of a process. Linux alone says it so. */
export interface Usage {
  /** Milliseconds of a processor. */
  readonly cpu: number
  /** Bytes of memory that it has. */
  readonly memory: number
}

const ticksPerSecond = 100
const pageSize = 4_096

const usageOf = async (pid: number): Promise<Usage> => {
  const text = await readFile(`/proc/${pid}/stat`, "utf8")
  // The name, in brackets, may contain anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const field = (place: number) => Number(fields[place - 3])
  return { cpu: ((field(14) + field(15)) * 1_000) / ticksPerSecond, memory: field(24) * pageSize }
}

/** Runs a command in a terminal of this size, by `script` of util-linux. */
export const openTerminal = async (command: string, columns: number, rows: number) => {
  const shell = `stty cols ${columns} rows ${rows}; echo "pid $$"; exec ${command}`
  const child = spawn("script", ["-qfec", shell, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8" }
  })
  let heard = ""
  const waiting = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    // No more is kept than a few screens.
    heard = (heard + text).slice(-1_000_000)
    for (const wake of waiting) wake()
  })
  let since = 0

  /** Waits until what has come since the last key matches, and tells how many milliseconds that took. */
  const until = (pattern: RegExp, millis = 20_000): Promise<number> =>
    new Promise((resolve, reject) => {
      const begun = performance.now()
      const end = (settle: () => void) => {
        waiting.delete(look)
        clearTimeout(timer)
        settle()
      }
      const look = () => {
        if (pattern.test(heard)) end(() => resolve(performance.now() - since))
      }
      const timer = setTimeout(
        () =>
          end(() =>
            reject(new Error(`no ${pattern} in ${performance.now() - begun} ms: ${heard.slice(-500)}`))
          ),
        millis
      )
      since = begun
      waiting.add(look)
      look()
    })

  await until(/pid \d+/)
  const pid = Number(/pid (\d+)/.exec(heard)?.[1])
  return {
    until,
    /** Presses a key, and tells how many milliseconds later what matches was on the screen. */
    press: (key: string, pattern: RegExp): Promise<number> => {
      heard = ""
      child.stdin.write(key)
      return until(pattern)
    },
    usage: () => usageOf(pid),
    close: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, "exit")
      child.stdin.write("q")
      await ended
    }
  }
}
