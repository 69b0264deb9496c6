/** All checkers. */
import type { CheckerMaker } from "../Checker.ts"
import { noComplaints } from "./noComplaints.ts"

export const checkers: ReadonlyArray<CheckerMaker> = [noComplaints]
