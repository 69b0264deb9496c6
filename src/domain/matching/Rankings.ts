/** Caches rankings of the same seekers for many groups: groups of one class are ranked once. */
import type { AcceptedJobs } from "./Acceptance.ts"
import { classOf, type JobGroup, relaxTimes } from "./Matching.ts"
import { bestFirst, type Rank, rankOf, type Seeker } from "./Ranking.ts"

/** Those who suit a job, the best first. */
export interface Ranking {
  readonly ranks: ReadonlyArray<Rank>
  /** All before this index are known not to be free any more. */
  from: number
}

export interface Rankings {
  /** The seekers with this `accepted`, for jobs of a group that have been pending for `waited` milliseconds. */
  readonly of: (group: JobGroup, accepted: AcceptedJobs, waited: number) => Ranking
  /** Resets `from` of all rankings: everybody is free again. */
  readonly beginAnew: () => void
}

const keyOf = (group: JobGroup, waited: number): string => {
  const times = relaxTimes(group)
  if (times.length === 0) return classOf(group)
  return `${times.filter((time) => time <= waited).length} ${classOf(group)}`
}

/** `runningOf` says how many jobs a seeker counts as running. */
export const make = (seekers: Iterable<Seeker>, runningOf: (seeker: Seeker) => number): Rankings => {
  const bySameAccepted = Map.groupBy(seekers, ({ accepted }) => accepted)
  const rankings = new Map<AcceptedJobs, Map<string, Ranking>>()

  const rank = (ofSame: ReadonlyArray<Seeker>, group: JobGroup, waited: number): Ranking => {
    const ranks = ofSame.flatMap((seeker) => rankOf(seeker, group, waited, runningOf(seeker)) ?? [])
    return { ranks: bestFirst(ranks), from: 0 }
  }

  return {
    of: (group, accepted, waited) => {
      const known = rankings.get(accepted) ?? new Map<string, Ranking>()
      rankings.set(accepted, known)
      const key = keyOf(group, waited)
      const found = known.get(key)
      if (found !== undefined) return found
      const made = rank(bySameAccepted.get(accepted) ?? [], group, waited)
      known.set(key, made)
      return made
    },
    beginAnew: () => {
      for (const known of rankings.values()) for (const ranking of known.values()) ranking.from = 0
    }
  }
}
