/** A job whose creation was acknowledged is there until its retention is over, and the same key never makes other jobs. */
import { DateTime, Duration } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { isFinished } from "../../../src/domain/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

export const nothingLost: CheckerMaker = {
  name: "nothing acknowledged is lost",
  make: (facts, violated) => {
    const acknowledged = new Set<JobId>()
    const deleted = new Set<JobId>()
    const jobsOfKey = new Map<string, string>()
    return {
      changed: ({ after, before, id }) => {
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
            if (!facts.state.histories.has(id) && !deleted.has(id)) violated(`${id} was acknowledged and is not kept`)
          }
          if (sighting.key === null) return
          const jobs = sighting.jobs.join()
          const before = jobsOfKey.get(sighting.key)
          if (before !== undefined && before !== jobs) violated(`the key ${sighting.key} made other jobs`)
          jobsOfKey.set(sighting.key, jobs)
        }
        if (sighting._tag === "End") {
          for (const id of acknowledged) {
            if (!facts.state.histories.has(id) && !deleted.has(id)) violated(`${id} was acknowledged and is lost`)
          }
        }
      }
    }
  }
}
