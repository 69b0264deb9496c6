/**
 * Where to begin to look for the jobs of a group. What was claimed stays in the index, dead, until PostgreSQL vacuums it,
 * which may be a minute: at 5,000 claims a second a look from the beginning passes 300,000 dead entries, for 10 ms. So of
 * a group that is claimed from a lot, only a look now and then begins at the beginning; the others begin at the time of
 * the job that was given last. Older ones are there only by exception, such as a job that was promoted late.
 */
import { DateTime } from "effect"
import type { ClaimedJob } from "../../domain/jobs/Claim.ts"
import { setRecent } from "../../domain/setRecent.ts"

/** Passing this many dead entries costs next to nothing. */
const fewDead = 1_000
/** Between looks from the beginning, in milliseconds: how long an older job may wait behind younger ones. */
const longestOversight = 1_000
/** After this many milliseconds without claims PostgreSQL has vacuumed. */
const vacuumed = 120_000
/** At most this many groups are remembered. For a forgotten one, reads begin at the beginning again. */
const mostRemembered = 10_000

interface Start {
  given: number
  lastGivenAt: number
  lookedAt: number
  time: DateTime.Utc
}

export interface ClaimStarts {
  /** From when on to look for jobs of the group now, or null for the beginning. `now` is in milliseconds. */
  readonly of: (group: number, now: number) => DateTime.Utc | null
  /** Takes note that these were the first jobs that were found of their groups. */
  readonly gave: (jobs: ReadonlyArray<ClaimedJob>, now: number) => void
}

export const make = (): ClaimStarts => {
  // In the order in which they were last claimed from.
  const starts = new Map<number, Start>()

  const noteLast = (group: number, start: Start) => setRecent(starts, group, start, mostRemembered)

  return {
    of: (group, now) => {
      const start = starts.get(group)
      if (start === undefined) return null
      const isVacuumed = now - start.lastGivenAt > vacuumed
      if (isVacuumed) starts.delete(group)
      // A look that is to come was made before the clock was set back, nobody knows how long ago.
      const isRecent = now >= start.lookedAt && now - start.lookedAt < longestOversight
      if (!isVacuumed && start.given > fewDead && isRecent) return start.time
      start.lookedAt = now
      return null
    },
    gave: (jobs, now) => {
      for (const { job } of jobs) {
        const { id } = job.group
        const start = starts.get(id)
        if (start === undefined) {
          noteLast(id, { given: 1, lastGivenAt: now, lookedAt: now, time: job.runAt })
          continue
        }
        // Most jobs of a claim are of few groups: each of these goes to the end once.
        if (start.lastGivenAt !== now) noteLast(id, start)
        start.given += 1
        start.lastGivenAt = now
        start.time = DateTime.max(start.time, job.runAt)
      }
    }
  }
}
