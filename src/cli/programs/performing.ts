/** Doing a job with a program: its output is the log and the progress, its end the result or the error. */
import { join } from "node:path"
import { type Duration, Effect, FileSystem, Option, Schema } from "effect"
import type { ProgressReporter } from "../../client/ProgressReporter.ts"
import type { Assignment } from "../../domain/jobs/Assignment.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { environmentOf, type Files, inputOf, type Post } from "./environment.ts"
import * as LineProtocol from "./LineProtocol.ts"
import { type Ending, run } from "./Program.ts"

/** How many characters of what a program wrote last to standard error are part of its error. */
const longestTail = 8_192
/** The most bytes of a result or an error in a file. */
const largestReport = 1_048_576

/** How jobs are done. */
interface Manner extends Post {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** What was asked to stop is killed after so long. */
  readonly grace: () => Duration.Duration
}

const readJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json))

/** A result as it was written: JSON if it is that, and text otherwise. */
export const asJsonOrText = (text: string): JsonValue =>
  Option.getOrElse(readJson(text), () => text.trimEnd())

// What the program left in a file; none if it left nothing there.
const readReport = Effect.fnUntraced(
  function* (path: string) {
    const files = yield* FileSystem.FileSystem
    const size = yield* Effect.map(files.stat(path), (info) => Number(info.size))
    if (size > largestReport) {
      return yield* Effect.fail<JsonValue>({
        message: `what the program reported has ${size} bytes: ${largestReport} are the most`,
        retryable: false
      })
    }
    return size === 0 ? Option.none() : Option.some(asJsonOrText(yield* files.readFileString(path)))
  },
  Effect.catchTag("PlatformError", () => Effect.succeedNone)
)

/** The error of a program that said nothing else of it: how it ended, and what it wrote last to standard error. */
export const reportOf = (command: string, ending: Ending, stderr: string): JsonValue => {
  const end =
    ending._tag === "Exited" ? `ended with status ${ending.status}` : `was killed by ${ending.signal}`
  const reason = stderr.trimEnd().split("\n").at(-1)?.trim() ?? ""
  return {
    message: `${command} ${end}${reason === "" ? "" : `: ${reason}`}`,
    ...(ending._tag === "Exited" ? { status: ending.status } : { signal: ending.signal }),
    stderr
  }
}

/** Runs the program of a job. It succeeds with the job's result, and fails with its error. */
export const perform = Effect.fnUntraced(function* (
  job: Assignment,
  progress: ProgressReporter,
  { args, command, grace, url }: Manner
) {
  const fileSystem = yield* FileSystem.FileSystem
  const folder = yield* fileSystem.makeTempDirectoryScoped({ prefix: "lazyboss-" })
  const hasCheckpoint = job.checkpoint !== null
  const files: Files = {
    checkpoint: hasCheckpoint ? join(folder, "checkpoint.json") : null,
    result: join(folder, "result"),
    error: join(folder, "error")
  }
  if (files.checkpoint !== null) {
    yield* fileSystem.writeFileString(files.checkpoint, JSON.stringify(job.checkpoint))
  }

  // A program may tell the same percent a thousand times.
  let lastPercent: number | null = null
  const tell = (said: LineProtocol.Said) => {
    switch (said._tag) {
      case "Text":
        return progress.log(said.text)
      case "Percent":
        if (said.percent === lastPercent) return Effect.void
        lastPercent = said.percent
        return progress.percent(said.percent)
      case "Message":
        return progress.message(said.text)
      case "Checkpoint":
        return progress.checkpoint(said.value)
    }
  }
  const tellAll = (all: ReadonlyArray<LineProtocol.Said>) => Effect.forEach(all, tell, { discard: true })

  const stdout = LineProtocol.make()
  const stderr = LineProtocol.make()
  let tail = ""
  const ending = yield* run(
    { command, args, environment: environmentOf(job, files, { url }), input: inputOf(job.parameters) },
    {
      grace,
      onStdout: (text) => tellAll(stdout.read(text)),
      onStderr: (text) => {
        tail = (tail + text).slice(-longestTail)
        return tellAll(stderr.read(text))
      }
    }
  ).pipe(
    Effect.ensuring(Effect.suspend(() => tellAll([...stdout.end(), ...stderr.end()]))),
    Effect.mapError((error): JsonValue => ({ message: `${command} cannot be started: ${error.message}` }))
  )

  if (ending._tag === "Exited" && ending.status === 0) {
    const reported = yield* readReport(files.result)
    if (Option.isSome(reported)) return reported.value
    const { isTooLong, text } = stdout.lastLine()
    if (isTooLong) {
      return yield* Effect.fail<JsonValue>({
        message: "the last line of the output is too long for a result: write it to the file LAZYBOSS_RESULT",
        retryable: false
      })
    }
    return text === null ? null : asJsonOrText(text)
  }

  const reported = yield* readReport(files.error)
  return yield* Effect.fail(Option.getOrElse(reported, () => reportOf(command, ending, tail)))
}, Effect.scoped)
