/** The end of an attempt, as it was decided and is to be carried out. */
import type { AttemptId, JobId } from "../Identifiers.ts"
import type { JobRecord } from "../jobs/Job.ts"
import type { AttemptClock } from "./Attempt.ts"
import type { Transition } from "./Lifecycle.ts"

/** The end of a live attempt. Takes effect only while the attempt is live and in the state that was decided upon. */
export interface AttemptEnd {
  readonly job: JobId
  readonly attempt: AttemptId
  readonly transition: Transition
  /** Takes effect only if this worker holds the attempt; null for the boss itself. */
  readonly worker: string | null
  /** Whether a cancellation was known when this was decided, and must still be; null when it made no difference. */
  readonly cancelling: boolean | null
  /** For a clock that ran out: takes effect only if it still has, for a sign of life may have come in between. */
  readonly onlyIfOverdue: boolean
}

/** A job whose live attempt has overrun a clock. */
export interface Overdue {
  readonly job: JobRecord
  readonly clock: AttemptClock
}
