/**
 * A job whose creation was acknowledged is there until its retention is over, and not for much longer; and the same key never
 * makes jobs twice.
 */
import { DateTime, Duration, Predicate } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { isFinished, type JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Policy, Retention } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"

/** How often servers look by themselves for jobs that have been kept for long enough, in milliseconds. */
const backstop = 60_000

/** How long a job is kept that is finished, in milliseconds; without end for what is kept for good. */
const keptBy = ({ done, failed }: Retention, { status }: JobRecord): number => {
  const least = status === "done" ? done : failed
  return least === null ? Infinity : Duration.toMillis(least)
}

export const nothingLost: CheckerMaker = {
  name: "nothing acknowledged is lost",
  make: (facts, violated) => {
    const acknowledged = new Set<JobId>()
    const deleted = new Set<JobId>()
    /** What was created by a request with a key: the key, and the place in the request. */
    const created = new Set<string>()
    /** When jobs were finished that are still there. */
    const finished = new Map<JobId, number>()

    const checkRetention = () => {
      const longest = backstop + 2 * facts.delays.tick
      const policies = new Map<string, ReadonlyArray<Policy>>()
      for (const [id, at] of finished) {
        if (facts.delays.lateness(at) <= longest) continue
        const job = facts.state.histories.get(id)?.job
        if (job === undefined) continue
        const { type } = job.group
        const ofType = policies.get(type) ?? facts.rules.policiesOf(type, longest)
        policies.set(type, ofType)
        const kept = Math.max(...ofType.map(({ retention }) => keptBy(retention, job)))
        const late = facts.delays.lateness(at + kept)
        if (late > longest) violated(`${id} is still there ${late} ms after its retention`)
      }
    }

    return {
      changed: ({ after, before, id }) => {
        if (after !== null && isFinished(after.job.status)) {
          if (!finished.has(id)) finished.set(id, facts.now())
        } else finished.delete(id)
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
        const isLongEnough = facts.rules
          .policiesOf(group.type)
          .some(({ retention }) => kept >= keptBy(retention, before.job))
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
        if (sighting._tag === "Glance") checkRetention()
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
