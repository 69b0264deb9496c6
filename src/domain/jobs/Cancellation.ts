/** The wish to cancel a job, and what its worker is told of it. */
import type { Duration } from "effect"
import type { JobId } from "../Identifiers.ts"
import type { CancelRequest } from "./Job.ts"

/** A wish to cancel. Takes effect at once for a job that waits, after the grace for one that runs. */
export interface Cancellation {
  readonly job: JobId
  readonly grace: Duration.Duration
  /** Kept with the job unless there was one before. */
  readonly request: CancelRequest
}

/** That a live attempt is to be cancelled: how much of its grace is left by the time of the store, and why, if that was said. */
export interface PendingCancellation {
  readonly grace: Duration.Duration
  readonly reason: string | null
}
