/** The command line as a process: its words, its status, its end. */
// Compiles the checks of schemas at their first use. It must be there before the first schema is used.
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import type { Teardown } from "effect/Runtime"
import { statusOf } from "./commandLine.ts"
import { exitStatus } from "./CommandError.ts"

// Nothing is left to wait for: what a worker's program left behind may hold on to its output for ever.
const teardown: Teardown = (exit) => process.exit(statusOf(exit))

/** Runs this program until it ends, and the process with it. */
export const runProgram = <E>(program: Effect.Effect<void, E, NodeServices.NodeServices>): void => {
  // Whoever reads what is written may have seen enough, as `head` does.
  process.stdout.on("error", () => process.exit(exitStatus.well))
  NodeRuntime.runMain(Effect.provide(program, NodeServices.layer), { teardown, disableErrorReporting: true })
}
