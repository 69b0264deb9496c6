/** The process of all commands. */
import { lazyboss } from "./lazyboss.ts"
import { runProgram } from "./runProgram.ts"

runProgram(lazyboss)
