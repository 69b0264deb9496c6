#!/usr/bin/env node
/** The command line. Each command loads what it runs when it is run. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect, Exit } from "effect"
import { CliError, Command } from "effect/cli"
import type { Teardown } from "effect/Runtime"
import { version } from "../domain/api/Api.ts"
import { serve } from "./serve.ts"

const lazyboss = Command.make("lazyboss").pipe(
  Command.withDescription("A job server that any language can use with plain HTTP"),
  Command.withSubcommands([serve])
)

// Being told to stop is how a server ends well.
const teardown: Teardown = (exit, onExit) =>
  onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)

// Whoever mistyped a command has been told by then.
const explain = (cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(error)) return Effect.void
  return Console.error(`lazyboss: ${error instanceof Error ? error.message : String(error)}`)
}

const main = lazyboss.pipe(
  Command.run({ version }),
  Effect.tapCause(explain),
  Effect.provide(NodeServices.layer)
)

NodeRuntime.runMain(main, { teardown, disableErrorReporting: true })
