/** The errors of commands, and the exit status for each kind. */
import { Data } from "effect"

/** What a script can tell from the status with which `lazyboss` ends. */
export const exitStatus = {
  well: 0,
  /** Something else than what follows. */
  failed: 1,
  /** The command line is not understood. */
  mistyped: 2,
  /** The job (or a job of the project) that was waited for failed or was cancelled. */
  jobFailed: 3,
  /** The server knows no such thing. */
  notFound: 4,
  /** The server refused: not allowed, not possible now, not valid. */
  refused: 5,
  /** No server answers, or it is in trouble itself. */
  away: 6
} as const

export type Kind = Exclude<keyof typeof exitStatus, "well">

/** Shown as one line on standard error, which says what to do where that is known. */
export class CommandError extends Data.TaggedError("CommandError")<{
  readonly kind: Kind
  readonly message: string
}> {}

/** A mistake on the command line that its parser cannot see. */
export const mistyped = (message: string): CommandError => new CommandError({ kind: "mistyped", message })
