/** A job has at most one live attempt, and it has one exactly while it is being processed. */
import type { CheckerMaker } from "../Checker.ts"

export const oneLiveAttempt: CheckerMaker = {
  name: "at most one live attempt",
  make: (_, violated) => ({
    changed: ({ after, id }) => {
      if (after === null) return
      const live = after.attempts.filter(({ endedAt }) => endedAt === null)
      const expected = after.job.status === "processing" ? 1 : 0
      if (live.length !== expected) violated(`${id} is ${after.job.status} with ${live.length} live attempts`)
      if (live[0] !== undefined && live[0].id !== after.job.attempt?.id)
        violated(`${id} has a live attempt beside its own`)
    }
  })
}
