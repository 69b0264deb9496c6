/** What is read of a job's log at a time. */

/** A part of a job's log: where it begins, and the size of the whole log at that moment, in bytes. */
export interface LogPart {
  readonly size: number
  readonly start: number
  readonly bytes: Uint8Array
}
