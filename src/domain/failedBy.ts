/** Which workers have failed a job before, so that another one may suit it better. */
import type { AttemptRecord, Outcome } from "./Attempt.ts"
import type { JobRecord } from "./Job.ts"

/** How an attempt ends that says something against giving the job to its worker again. */
export const failingOutcomes: ReadonlyArray<Outcome> = ["failed", "lost", "timed-out"]

/**
 * Who has failed or lost a job, of which these are all attempts; nobody, if it was retried by hand and has not failed since:
 * everybody shall have a new chance then.
 */
export const failedBy = (
  { failures, losses }: Pick<JobRecord, "failures" | "losses">,
  attempts: ReadonlyArray<AttemptRecord>
): ReadonlyArray<string> =>
  failures + losses === 0
    ? []
    : attempts.flatMap(({ outcome, worker }) =>
        outcome !== null && failingOutcomes.includes(outcome) ? [worker] : []
      )
