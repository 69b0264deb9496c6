/** Jobs that no worker has claimed for as long as their rules say are told of, once and soon; and no others. */
import { DateTime, Duration } from "effect"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker, FeedItem } from "../Checker.ts"
import { keyOf, readItem } from "./rules/eventsOfChanges.ts"
import { FeedStretches } from "./known/FeedStretches.ts"

/** By how much the rules may be older that a server went by when it told what a reader hears now. */
const longestWay = 120_000

const keyOfWait = ({ group, id, project, runAt }: JobRecord): string =>
  keyOf("job.unclaimed", { job: id, type: group.type, project, runAt: DateTime.formatIso(runAt) })

const isUnclaimed = ({ attempts, status }: JobRecord): boolean => status === "pending" && attempts === 0

export const unclaimed: CheckerMaker = {
  name: "unclaimed jobs",
  make: (facts, violated) => {
    const { faults, feedReaders, incidents, servers } = facts.options
    if (feedReaders === 0) return {}
    const stretches = new FeedStretches(facts)
    // With other rules, or at another time, a job may have waited for long enough again, or already.
    const isOnce = incidents.supervisorActs === null && incidents.clockSet === null
    const mayDouble = !isOnce || (servers > 1 && faults.newsDoubled > 0)
    /** Jobs that wait and that nobody has had, by the keys of what would be told of them. */
    const waiting = new Map<string, JobRecord>()
    /** How long those have waited that wait no longer. */
    const waits = new Map<string, number>()
    const expected = new Set<string>()
    /** The id under which each server has told of each. */
    const told = new Map<string, string>()

    const waitOf = ({ runAt }: JobRecord) => facts.troubles.latest - DateTime.toEpochMillis(runAt)

    const alertsOf = (type: string, before = 0) =>
      facts.rules
        .policiesOf(type, before)
        .map(({ unclaimedAlert }) => (unclaimedAlert === null ? Infinity : Duration.toMillis(unclaimedAlert)))

    const look = () => {
      for (const [key, { group, runAt }] of waiting) {
        const due = DateTime.toEpochMillis(runAt) + Math.max(...alertsOf(group.type))
        if (expected.has(key) || facts.delays.lateness(due) <= facts.delays.tick) continue
        expected.add(key)
        stretches.toTell(key, facts.elapsed() - (facts.now() - due))
      }
    }

    const checkTold = (key: string, { data, id, reader }: FeedItem) => {
      const now = waiting.get(key)
      const waited = now === undefined ? (waits.get(key) ?? 0) : waitOf(now)
      const least = Math.min(...alertsOf(readItem(data).type ?? "", longestWay))
      if (waited < least) violated(`${reader} was told after ${waited} ms of ${least} ms: ${key}`)
      const [server = ""] = id.split(".")
      const place = `${server} ${key}`
      if (!mayDouble && (told.get(place) ?? id) !== id) violated(`${reader} was told twice: ${key}`)
      told.set(place, id)
    }

    return {
      changed: ({ after, before }) => {
        if (before !== null && isUnclaimed(before.job)) {
          const key = keyOfWait(before.job)
          waits.set(key, waitOf(before.job))
          waiting.delete(key)
        }
        if (after !== null && isUnclaimed(after.job)) waiting.set(keyOfWait(after.job), after.job)
      },
      saw: (sighting) => {
        if (sighting._tag === "Calm") stretches.calm()
        if (sighting._tag === "Glance" && isOnce) look()
        if (sighting._tag !== "FeedItem") return
        const key = sighting.name === "job.unclaimed" ? keyOf(sighting.name, readItem(sighting.data)) : null
        if (key !== null) checkTold(key, sighting)
        const missed = stretches.told(sighting, key)
        if (missed !== undefined) violated(`${sighting.reader} was not told: ${missed}`)
      }
    }
  }
}
