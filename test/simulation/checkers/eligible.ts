/** A job is given only to a worker that may have it: by type, constraints, what it accepts, pauses, bans, quarantines. */
import { DateTime } from "effect"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../facts/StoreWatch.ts"
import { whyNot } from "./rules/eligibility.ts"

export const eligible: CheckerMaker = {
  name: "only eligible workers",
  make: (facts, violated) => {
    /** Jobs as they were when their attempts began, until their workers show by which wish they asked. */
    const begun = new Map<string, { readonly job: JobRecord; readonly pendingFor: number }>()
    return {
      changed: (change) => {
        const job = givenBy(change)
        if (job === null) return
        const { attempt, group, id, runAt } = job
        begun.set(attempt.id, { job, pendingFor: facts.now() - DateTime.toEpochMillis(runAt) })
        if (facts.rules.policiesOf(group.type).every(({ paused }) => paused))
          violated(`${id} was given though ${group.type} is paused`)
        const known = facts.rules.worker(attempt.worker)
        if (known.every((worker) => worker !== null && worker.state !== "active"))
          violated(`${id} was given to ${attempt.worker}, which is kept from all jobs`)
        const isQuarantined =
          facts.rules.areQuarantinesCounted(0) &&
          known.every((worker) => {
            const until = worker?.quarantines.get(group.type)
            return until !== undefined && DateTime.toEpochMillis(until) > facts.now()
          })
        if (isQuarantined) violated(`${id} was given to ${attempt.worker}, which is in quarantine`)
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        const { claimed, vacancy } = sighting
        if (claimed.length > vacancy.max)
          violated(`${vacancy.worker} got ${claimed.length} jobs, and asked for ${vacancy.max}`)
        for (const { attempt } of claimed) {
          const known = begun.get(attempt.id)
          begun.delete(attempt.id)
          if (known === undefined) violated(`${attempt.id} was given to ${vacancy.worker} and never began`)
          else {
            const reason = whyNot(vacancy, known.job, known.pendingFor)
            if (reason !== null) violated(`${known.job.id} was given to ${vacancy.worker}: ${reason}`)
            if (attempt.worker !== vacancy.worker)
              violated(`${vacancy.worker} got an attempt of ${attempt.worker}`)
          }
        }
      }
    }
  }
}
