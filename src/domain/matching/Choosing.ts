/**
 * Which job goes to whom.
 *
 * Which jobs come first: priorities compare by the standing of the job that comes first in each (see `Ageing`). Within a
 * priority the fairness keys go round: the key that was served longest ago is served next; jobs without a key count as
 * those of one key. Of its jobs those come first that have waited for more periods of `Ageing.headStart`; among these the
 * one that suits the worker best who would get it (see `Score`); then the one that has waited longest.
 *
 * To whom: to whoever suits it best; of those that suit alike, to whoever has waited longest. Everybody gets one job before
 * anybody gets a second. So a worker that arrives alone gets the best job for it, and a job that arrives alone goes to the
 * worker that is best for it, and as long as somebody may have a job that is pending, it is given.
 *
 * It goes job by job, so that a claim of many gives what as many claims of one would.
 */
import type { DateTime } from "effect"
import type { AcceptedJobs } from "./Acceptance.ts"
import { type Head, type Later, remainingJobsOf } from "./RemainingJobs.ts"
import type { Room } from "./Limits.ts"
import type { JobGroup } from "./Matching.ts"
import type { Assignee, Seeker } from "./Ranking.ts"
import * as Rounds from "./Rounds.ts"

/** A job to choose from. */
export interface Candidate {
  readonly id: string
  readonly runAt: DateTime.Utc
  /** The workers that have failed or lost it before. */
  readonly failedBy: ReadonlyArray<string>
}

/** A live worker that does not ask now, and for which a job is kept until it has been pending for `patience` milliseconds. */
export interface BetterWorker {
  readonly worker: string
  readonly score: number
  readonly patience: number
}

/** The first pending jobs of a group, in the order of the times since when they are due, and of their ids. */
export interface Queue<C extends Candidate> {
  readonly group: JobGroup
  /** When the fairness key of the group was served last: the lower, the longer ago. */
  readonly turn: number
  /** Who does not wait here, but may be waited for; null where nobody is. */
  readonly better: BetterWorker | null
  /** The jobs are those that are accepted by seekers who accept this. */
  readonly accepted: AcceptedJobs
  readonly jobs: ReadonlyArray<C>
  /** Whether these are all of the group's, or as many as can make a difference. */
  readonly isWhole: boolean
}

/** A job and who is to have it. */
export interface Choice<Q, C> extends Assignee {
  readonly queue: Q
  readonly job: C
}

export interface Chosen<Q, C> {
  /** In the order in which they are to be given: at most as many as are wanted, and no seeker has more than it wants. */
  readonly choices: ReadonlyArray<Choice<Q, C>>
  /** As many more as were asked for: further jobs for those who got any, in case that those are taken by others first. */
  readonly spares: ReadonlyArray<Choice<Q, C>>
  /**
   * Queues that ran out before enough were chosen, though their groups may have more: with more of them, other jobs might
   * have been chosen. As long as there is none, the choice is what it would be with all jobs of all groups.
   */
  readonly dry: ReadonlyArray<Q>
  /** The groups of which nothing is left at all, and when others have something; if less was chosen than was wanted. */
  readonly drained: ReadonlyArray<number>
  readonly later: ReadonlyArray<Later>
  readonly heads: ReadonlyArray<Head>
}

/** What is to be chosen from, for whom, and how much. `now` is in milliseconds since the epoch. */
export interface Choosing<Q> {
  readonly queues: ReadonlyArray<Q>
  /** In the order in which they have waited, the longest first. */
  readonly seekers: ReadonlyArray<Seeker>
  readonly room: Room
  readonly now: number
  readonly count: number
  readonly spares: number
}

export const choose = <C extends Candidate, Q extends Queue<C>>(choosing: Choosing<Q>): Chosen<Q, C> => {
  const { count, now, queues, seekers, spares } = choosing
  const rounds = Rounds.make<C, Q>(choosing)
  const choices = rounds.choose(count)
  const dry = rounds.dry()
  if (dry.length > 0) return { choices, spares: [], dry, drained: [], later: [], heads: [] }
  const wanting = choices.length < count ? seekers.filter(rounds.wantsMore) : null
  const left = remainingJobsOf(queues, rounds.heads(), wanting, now)
  return { choices, spares: rounds.chooseSpares(spares), dry: [], ...left }
}
