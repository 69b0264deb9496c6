/** The words given to this program, as an effect of the commands that it has. */
import { Cause, Console, Effect, Exit } from "effect"
import { CliConfig, CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { version } from "../domain/version.ts"
import { toLine } from "../text/columns.ts"
import { exitStatus, CommandError } from "./CommandError.ts"

/** The program without its commands. */
export const root = Command.make("lazyboss").pipe(
  Command.withDescription("A job server that any language can use with plain HTTP")
)

// What it quotes, from wherever it came, does nothing to the terminal.
const asOneLine = (text: string): string => toLine(text).replace(/\s+/g, " ").trim()

// Whoever mistyped a command has been told by then.
const explain = (cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(error)) return Effect.void
  return Console.error(`lazyboss: ${asOneLine(error instanceof Error ? error.message : String(error))}`)
}

/** One mistake, in one line. What came from the environment is called by its name there. */
export const describeMistake = ({ message }: CliError.NonShowHelpErrors): string => {
  const [, expected, variable] = /SchemaError\((.*)\s+at \["(\w+)"\]\)/s.exec(message) ?? []
  const text = variable === undefined ? message : `${variable}: ${expected}`
  return asOneLine(text.replace("Expected: Schema validation failed: ", ""))
}

// Somebody who mistyped an option wants to see which, and not to look for it under a page of help.
const Brief = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          `lazyboss: ${event.errors.map(describeMistake).join("; ")} (see ${event.commandPath.join(" ")} --help)`
        )
      : CliOutput.defaultPresenter.present(event)
})

// The commands that log have their own option for the level, which can be set in the environment, too.
const OwnLogLevel = CliConfig.layer({
  builtIns: GlobalFlag.BuiltIns.filter((flag) => flag !== GlobalFlag.LogLevel)
})

/** Does what the words given to this program say. What goes wrong has been told to the person by the time it fails. */
export const obey = <Name extends string, Input, E, R>(
  command: Command.Command<Name, Input, Record<never, never>, E, R>
) => command.pipe(Command.run({ version }), Effect.tapCause(explain), Effect.provide([Brief, OwnLogLevel]))

/** The exit status that tells how it ended. */
export const statusOf = (exit: Exit.Exit<unknown, unknown>): number => {
  // Being told to stop is how a server, or a worker, ends well.
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return exitStatus.well
  const error = Cause.squash(exit.cause)
  if (error instanceof CommandError) return exitStatus[error.kind]
  return CliError.isCliError(error) ? exitStatus.mistyped : exitStatus.failed
}
