/** What is known of the jobs that are left when it was chosen which go to whom. */
import { DateTime } from "effect"
import { anyJob } from "./Acceptance.ts"
import type { Candidate, Queue } from "./Choosing.ts"
import { relaxTimes } from "./Matching.ts"
import { matchFor, type Seeker } from "./Ranking.ts"

/** A group with jobs that may be given to nobody who asks until this time, in milliseconds since the epoch. */
export interface Later {
  readonly group: number
  readonly at: number
}

/** Since when the first job is due that is left of a group, as far as its jobs are known. */
export interface Head {
  readonly group: number
  readonly runAt: DateTime.Utc
}

export interface Leftovers {
  /** The groups of which nothing is left at all. */
  readonly drained: ReadonlyArray<number>
  readonly later: ReadonlyArray<Later>
  readonly heads: ReadonlyArray<Head>
}

/** The first job that is left of a queue, of those that were failed by the same workers. */
export interface Left<Q> {
  readonly queue: Q
  readonly head: Candidate
}

/** Where not all jobs of a group are to be had, nothing is known of the others. */
const headsOf = (left: ReadonlyArray<Left<Queue<Candidate>>>): ReadonlyArray<Head> => {
  const first = new Map<number, DateTime.Utc>()
  for (const {
    head: { runAt },
    queue: { accepted, group }
  } of left) {
    const known = first.get(group.id)
    if (accepted === anyJob && (known === undefined || DateTime.isLessThan(runAt, known)))
      first.set(group.id, runAt)
  }
  return [...first].map(([group, runAt]) => ({ group, runAt }))
}

const drainedOf = (
  queues: ReadonlyArray<Queue<Candidate>>,
  left: ReadonlyArray<Left<Queue<Candidate>>>
): ReadonlyArray<number> => {
  const haveMore = new Set(left.map(({ queue }) => queue))
  return queues.flatMap((queue) =>
    !haveMore.has(queue) && queue.isWhole && queue.accepted === anyJob ? [queue.group.id] : []
  )
}

/** When the first job of a group may be given to one of those who want more, as far as that is a matter of time. */
const laterOf = (
  { head, queue: { accepted, better, group } }: Left<Queue<Candidate>>,
  wanting: ReadonlyArray<Seeker>,
  now: number
): ReadonlyArray<Later> => {
  const dueSince = DateTime.toEpochMillis(head.runAt)
  const waited = now - dueSince
  // It may be kept from who will suit it well enough when the next constraint has become a wish.
  const kept = better !== null && better.patience > waited ? [better.patience, ...relaxTimes(group)] : []
  const times = wanting.flatMap((seeker) => {
    const matched = seeker.accepted === accepted ? matchFor(seeker, group) : null
    if (matched === null) return []
    return matched.eligibleAfter > waited ? [matched.eligibleAfter] : kept
  })
  const time = times.reduce((least, one) => (one > waited ? Math.min(least, one) : least), Infinity)
  return time === Infinity ? [] : [{ group: group.id, at: dueSince + time }]
}

/** What is known of the jobs that are left, and for those who want more of them; null if enough was chosen. */
export const whatIsLeft = <Q extends Queue<Candidate>>(
  queues: ReadonlyArray<Q>,
  left: ReadonlyArray<Left<Q>>,
  wanting: ReadonlyArray<Seeker> | null,
  now: number
): Leftovers => ({
  drained: wanting === null ? [] : drainedOf(queues, left),
  later: wanting === null ? [] : left.flatMap((one) => laterOf(one, wanting, now)),
  heads: headsOf(left)
})
