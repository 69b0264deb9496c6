/** What a worker says while it is at work, as it is stored, and how its attempt is then. */
import type { AttemptId, JobId } from "../Identifiers.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import type { JsonValue } from "../Json.ts"
import type { AttemptRecord } from "./Attempt.ts"

/** One event of a worker's progress stream, as stored. */
export interface ProgressEvent {
  readonly id: number
  readonly event: string
  readonly data: string
}

/** Progress of a live attempt, which takes effect only on the high-water mark that it was decided upon. */
export interface ProgressWrite {
  readonly attempt: AttemptId
  readonly job: JobId
  readonly mark: number
  readonly events: ReadonlyArray<ProgressEvent>
  readonly percent: number | null
  readonly message: string | null
  /** Replaces what the attempt has left for the next one. Undefined leaves it. */
  readonly checkpoint: JsonValue | undefined
}

/** A live attempt after a sign of life. */
export interface LivingAttempt extends AttemptRecord {
  /** The job, if this was the first sign of life of the attempt. */
  readonly started: ChangedJob | null
}

/** The live attempt after a sign of life; null if it is over, another worker's, or its mark is not the one given. */
export type Renewed = LivingAttempt | null
