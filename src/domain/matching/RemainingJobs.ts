/** What a choice says of the jobs that it left: which groups are empty, and when others may be given. */
import { DateTime } from "effect"
import { anyJob } from "./Acceptance.ts"
import type { Candidate, Queue } from "./Candidates.ts"
import { relaxTimes } from "./Matching.ts"
import { matchFor, type Seeker } from "./Ranking.ts"

/** A group whose jobs nobody who asks may have before this time, in milliseconds since the epoch. */
export interface Later {
  readonly group: number
  readonly at: number
}

/** When the first job that is left of a group was due. */
export interface Head {
  readonly group: number
  readonly runAt: DateTime.Utc
}

export interface RemainingJobs {
  /** The groups without any job left. */
  readonly drained: ReadonlyArray<number>
  readonly later: ReadonlyArray<Later>
  readonly heads: ReadonlyArray<Head>
}

/** The first job that is left of a sub-queue (see `SubQueues`). */
export interface RemainingHead<Q> {
  readonly queue: Q
  readonly head: Candidate
}

/** Only of queues of any jobs: of a queue that some worker accepts, the first job need not be the first of the group. */
const headsOf = (left: ReadonlyArray<RemainingHead<Queue<Candidate>>>): ReadonlyArray<Head> => {
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
  left: ReadonlyArray<RemainingHead<Queue<Candidate>>>
): ReadonlyArray<number> => {
  const haveMore = new Set(left.map(({ queue }) => queue))
  return queues.flatMap((queue) =>
    !haveMore.has(queue) && queue.isWhole && queue.accepted === anyJob ? [queue.group.id] : []
  )
}

/** When one of those who want more may have this job, if that only takes time: a constraint that relaxes, or patience that ends. */
const laterOf = (
  { head, queue: { accepted, better, group } }: RemainingHead<Queue<Candidate>>,
  wanting: ReadonlyArray<Seeker>,
  now: number
): ReadonlyArray<Later> => {
  const dueSince = DateTime.toEpochMillis(head.runAt)
  const waited = now - dueSince
  // A job that is kept for a better worker may go to another one as soon as a relaxed constraint changes the scores.
  const kept = better !== null && better.patience > waited ? [better.patience, ...relaxTimes(group)] : []
  const times = wanting.flatMap((seeker) => {
    const matched = seeker.accepted === accepted ? matchFor(seeker, group) : null
    if (matched === null) return []
    return matched.eligibleAfter > waited ? [matched.eligibleAfter] : kept
  })
  const time = times.reduce((least, one) => (one > waited ? Math.min(least, one) : least), Infinity)
  return time === Infinity ? [] : [{ group: group.id, at: dueSince + time }]
}

/** `wanting` are those who got less than they want; null if as much was chosen as was asked for. */
export const remainingJobsOf = <Q extends Queue<Candidate>>(
  queues: ReadonlyArray<Q>,
  left: ReadonlyArray<RemainingHead<Q>>,
  wanting: ReadonlyArray<Seeker> | null,
  now: number
): RemainingJobs => ({
  drained: drainedOf(queues, left),
  later: wanting === null ? [] : left.flatMap((one) => laterOf(one, wanting, now)),
  heads: headsOf(left)
})
