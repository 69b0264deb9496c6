import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export class ChildEnded extends Schema.TaggedError<ChildEnded>()("ChildEnded", { errors: Schema.String }) {
  override get message(): string {
    return `the child process ended before it said what was awaited: ${this.errors}`
  }
}

export interface ChildProgram {
  readonly processId: number | undefined
  /** Every line so far. */
  readonly lines: ReadonlyArray<string>
  /** Waits until there are so many lines. */
  readonly said: (count: number) => Effect.Effect<void, ChildEnded>
  /** Kills it with a signal that no process can catch, and waits until it is dead. */
  readonly kill: Effect.Effect<void>
}

/** Starts a program of this directory in a process of its own, which ends with the scope. */
export const start = (name: string, dataDir: string): Effect.Effect<ChildProgram, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        watch(spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), dataDir]))
      ),
      (child) => child.kill
    ),
    (child) => child
  )

const nobodyWaits = (): void => {}

const watch = (child: ChildProcess): ChildProgram => {
  const lines: Array<string> = []
  let errors = ""
  let ended = false
  let check = nobodyWaits
  child.stderr?.on("data", (chunk: Uint8Array) => {
    errors += String(chunk)
  })
  if (child.stdout !== null) {
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line)
      check()
    })
  }
  child.on("close", () => {
    ended = true
    check()
  })
  return {
    processId: child.pid,
    lines,
    said: (count) =>
      Effect.callback((resume) => {
        check = () => {
          if (lines.length >= count) resume(Effect.void)
          else if (ended) resume(new ChildEnded({ errors }))
        }
        check()
      }),
    kill: Effect.callback((resume) => {
      if (ended) return resume(Effect.void)
      child.on("close", () => resume(Effect.void))
      child.kill("SIGKILL")
    })
  }
}
