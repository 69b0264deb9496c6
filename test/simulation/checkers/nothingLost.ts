/** A job whose creation was acknowledged is there until its retention is over, and the same key never makes jobs twice. */
import { DateTime, Duration, Predicate } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

export const nothingLost: CheckerMaker = {
  name: "nothing acknowledged is lost",
  make: (facts, violated) => {
    const acknowledged = new Set<JobId>()
    const deleted = new Set<JobId>()
    /** What was created by a request with a key: the key, and the place in the request. */
    const created = new Set<string>()
    return {
      changed: ({ after, before, id }) => {
        if (before === null && after !== null && Predicate.hasProperty(after.job.parameters, "key")) {
          const which = JSON.stringify(after.job.parameters)
          if (created.has(which)) violated(`${id} was created again by ${which}`)
          created.add(which)
        }
        if (after !== null || before === null) return
        deleted.add(id)
        const { finishedAt, group, status } = before.job
        if (!isFinished(status) || finishedAt === null) return violated(`${id} was deleted as ${status}`)
        const kept = facts.now() - DateTime.toEpochMillis(finishedAt)
        const isLongEnough = facts.policiesOf(group.type).some(({ retention }) => {
          const least = status === "done" ? retention.done : retention.failed
          return least !== null && kept >= Duration.toMillis(least)
        })
        if (!isLongEnough) violated(`${id} was deleted after ${kept} ms`)
      },
      saw: (sighting) => {
        if (sighting._tag === "Acknowledged") {
          for (const id of sighting.jobs) {
            acknowledged.add(id)
            if (!facts.state.histories.has(id) && !deleted.has(id))
              violated(`${id} was acknowledged and is not kept`)
          }
        }
        if (sighting._tag === "End") {
          for (const id of acknowledged) {
            if (!facts.state.histories.has(id) && !deleted.has(id))
              violated(`${id} was acknowledged and is lost`)
          }
        }
      }
    }
  }
}
