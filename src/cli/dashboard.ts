/**
 * The process of the dashboard alone, which runs all day beside what it watches. The build makes a few files of it and of what
 * it uses, and leaves out the rest, which halves the time until it begins and saves a fifth of its memory.
 */
import { Command } from "effect/cli"
import { obey, root } from "./commandLine.ts"
import { runProgram } from "./runProgram.ts"
import { top } from "./top.ts"

root.pipe(Command.withSubcommands([top]), obey, runProgram)
