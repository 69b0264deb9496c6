/** What people decide counts: a job that is retried begins anew, an expiry runs from there, and to cancel twice changes nothing. */
import { DateTime, Duration } from "effect"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

const isOver = (job: JobRecord | undefined): boolean =>
  job?.status === "failed" || job?.status === "cancelled"

export const decisions: CheckerMaker = {
  name: "what people decide",
  make: (facts, violated) => {
    const checkExpiry = ({ expiresAt, expiresIn, id }: JobRecord) => {
      const left = expiresAt === null ? null : DateTime.toEpochMillis(expiresAt) - facts.now()
      const wished = expiresIn === null ? null : Duration.toMillis(expiresIn)
      if (left !== wished) violated(`${id} is to expire in ${left} ms, and should in ${wished}`)
    }

    const checkRetried = ({ attempts, cancelRequest, failures, id, losses, reason, runAt }: JobRecord) => {
      if (attempts + failures + losses > 0)
        violated(`${id} was retried, and has ${attempts} attempts, ${failures} failures and ${losses} losses`)
      if (reason !== null || cancelRequest !== null)
        violated(`${id} was retried, and is over for ${reason}, asked for by ${cancelRequest?.by}`)
      if (DateTime.toEpochMillis(runAt) !== facts.now()) violated(`${id} was retried, and is not due now`)
    }

    return {
      changed: ({ after, before }) => {
        if (after === null) return
        const { job } = after
        const isRetried = isOver(before?.job) && job.status === "pending"
        if (before === null || isRetried) checkExpiry(job)
        if (isRetried) checkRetried(job)
        const [was, is] = [before?.job.attempt, job.attempt]
        if (was?.cancelAt == null || was.endedAt !== null || is?.id !== was.id) return
        if (is.cancelAt === null || !DateTime.Equivalence(was.cancelAt, is.cancelAt))
          violated(`${was.id} is given another time to stop by than it had`)
      }
    }
  }
}
