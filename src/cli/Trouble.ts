/** Why a command could not do what it was asked, and the status that the process ends with. */
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

/** It is told in one line, which says what to do where that is known. */
export class Trouble extends Data.TaggedError("Trouble")<{
  readonly kind: Kind
  readonly message: string
}> {}

/** A mistake on the command line that its parser cannot see. */
export const mistyped = (message: string): Trouble => new Trouble({ kind: "mistyped", message })
