/** Which workers have failed a job before, so that another one may suit it better. */
import type { AttemptRecord, Outcome } from "./Attempt.ts"
import type { JobRecord } from "../jobs/Job.ts"

/** The outcomes that count against a worker: for its quarantine, and when the same job is given away again. */
export const failingOutcomes: ReadonlyArray<Outcome> = ["failed", "lost", "timed-out"]

/**
 * Who has failed or lost a job since it was created or last retried by hand, which gives everybody a new chance. These are
 * all its attempts, in the order in which they began.
 */
export const failedBy = (
  job: Pick<JobRecord, "attempts">,
  attempts: ReadonlyArray<AttemptRecord>
): ReadonlyArray<string> =>
  attempts
    .slice(Math.max(0, attempts.length - job.attempts))
    .flatMap(({ outcome, worker }) => (outcome !== null && failingOutcomes.includes(outcome) ? [worker] : []))
