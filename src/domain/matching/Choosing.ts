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
import type { Candidate, Choice, Choosing, Queue } from "./Candidates.ts"
import { type Head, type Later, remainingJobsOf } from "./RemainingJobs.ts"
import * as Rounds from "./Rounds.ts"

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
  /** The groups of which nothing is left at all. */
  readonly drained: ReadonlyArray<number>
  /** When groups have something for those who want more; if less was chosen than was wanted. */
  readonly later: ReadonlyArray<Later>
  readonly heads: ReadonlyArray<Head>
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
