/** A program as a process: its input, its output as it comes, and its end, also before its time. */
import { Deferred, Duration, Effect, Exit, Fiber, Option, Stream } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"

/** What to run. */
export interface Program {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Beside the environment of this process; what is undefined is taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: string
}

/** How a program ended. */
export type Ending =
  { readonly _tag: "Exited"; readonly status: number } | { readonly _tag: "Killed"; readonly signal: string }

/** What to do with some output, before more is read. */
export type OnOutput = (text: string) => Effect.Effect<void>

export interface Handling {
  readonly onStdout: OnOutput
  readonly onStderr: OnOutput
  /** What was asked to stop is killed after so long. */
  readonly grace: () => Duration.Duration
}

/** Who still has the output open when the program has ended may be as long in writing the rest, or silent. */
const quietEnd = Duration.seconds(2)

// Node tells of a death by a signal in words alone.
const signalIn = (text: string): string => /SIG[A-Z0-9]+/.exec(text)?.[0] ?? "a signal"

const endingOf = ({ exitCode }: ChildProcessSpawner.ChildProcessHandle): Effect.Effect<Ending> =>
  exitCode.pipe(
    Effect.map((status): Ending => ({ _tag: "Exited", status })),
    Effect.catch((error) =>
      Effect.succeed<Ending>({ _tag: "Killed", signal: signalIn(`${error.message} ${String(error.cause)}`) })
    )
  )

/** Reads output as text, whatever bytes it is. Stores cannot hold U+0000. */
const readOutput = Effect.fnUntraced(function* (
  output: ChildProcessSpawner.ChildProcessHandle["stdout"],
  onOutput: OnOutput,
  isOver: Deferred.Deferred<void>
) {
  const decoder = new TextDecoder()
  const pull = yield* Stream.toPull(output)
  const tooQuiet = Effect.andThen(Deferred.await(isOver), Effect.as(Effect.sleep(quietEnd), null))
  const next = Effect.raceFirst(Effect.map(pull, Option.some), Effect.map(tooQuiet, Option.none))
  const decode = (chunk?: Uint8Array) =>
    (chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })).replaceAll(
      "\u0000",
      "\ufffd"
    )
  let isOpen = true
  while (isOpen) {
    const read = yield* Effect.exit(next)
    const chunks = Exit.isSuccess(read) ? Option.getOrElse(read.value, () => []) : []
    for (const chunk of chunks) yield* onOutput(decode(chunk))
    isOpen = chunks.length > 0
  }
  const rest = decode()
  if (rest !== "") yield* onOutput(rest)
}, Effect.scoped)

/**
 * Runs a program to its end; fails if it cannot be started. It leads a process group of its own, and what is left of the
 * group soon after it has ended is ended too. Interrupted, it asks the group to stop, kills it when the grace is over, and
 * returns when what was written is read.
 */
export const run = Effect.fnUntraced(function* (program: Program, { grace, onStderr, onStdout }: Handling) {
  const isOver = yield* Deferred.make<void>()
  const handle = yield* ChildProcess.make(program.command, program.args, {
    env: program.environment,
    extendEnv: true,
    stdin: Stream.encodeText(Stream.make(program.input)),
    forceKillAfter: grace()
  })
  const readers = yield* Effect.forkScoped(
    Effect.all([readOutput(handle.stdout, onStdout, isOver), readOutput(handle.stderr, onStderr, isOver)], {
      concurrency: "unbounded",
      discard: true
    })
  )
  const stopGroup = Effect.suspend(() => {
    const forceKillAfter = grace()
    return Effect.ignore(
      handle.kill(Duration.isZero(forceKillAfter) ? { killSignal: "SIGKILL" } : { forceKillAfter })
    )
  })
  const allIsRead = Fiber.await(readers)
  const finishSoon = Effect.gen(function* () {
    yield* stopGroup
    yield* Deferred.succeed(isOver, undefined)
    yield* Effect.timeoutOption(allIsRead, Duration.times(quietEnd, 2))
  })
  const ending = yield* Effect.onInterrupt(endingOf(handle), () => finishSoon)
  yield* Deferred.succeed(isOver, undefined)
  yield* Effect.timeoutOption(allIsRead, quietEnd)
  yield* stopGroup
  yield* allIsRead
  return ending
}, Effect.scoped)
