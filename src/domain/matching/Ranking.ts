/** Which of several workers suits a job best. */
import type { Duration } from "effect"
import type { AcceptedJobs } from "./Acceptance.ts"
import type { RunnerUp } from "../attempts/Attempt.ts"
import { fitOf, type JobGroup, type Match, match, type Suitability } from "./Matching.ts"
import { noRecord, recordOf, scoreOf } from "./Score.ts"

/** A worker that asks for jobs, and what is known of it. */
export interface Seeker {
  readonly worker: string
  readonly suitability: Suitability
  /** What it demands of each single job, made of its `accepts`. Compared by identity. */
  readonly accepted: AcceptedJobs
  /** The most jobs that it wants. */
  readonly max: number
  /** The lease that it asks for, or null. */
  readonly lease: Duration.Duration | null
  /** Types that it gets no jobs of. */
  readonly keptFrom: ReadonlySet<string>
  /** Its records by type, as numbers from 0 to 1. */
  readonly records: ReadonlyMap<string, number>
  /** How many jobs it is running. */
  readonly running: number
}

/** A worker and how well it suits. */
export interface Rank {
  readonly seeker: Seeker
  readonly score: number
  /** The score for a job that it has failed or lost before. */
  readonly scoreAfterFailure: number
}

const recordOfNobody = recordOf(noRecord, null)

// Keyed by identity: neither value ever changes. Entries go when a key is garbage.
const matches = new WeakMap<Suitability, WeakMap<JobGroup, Match | null>>()

/** As `match`, remembered: who waits is matched against the same groups again and again. */
export const matchOf = (suitability: Suitability, group: JobGroup): Match | null => {
  const known = matches.get(suitability) ?? new WeakMap<JobGroup, Match | null>()
  const found = known.get(group)
  if (found !== undefined) return found
  const made = match(suitability, group)
  matches.set(suitability, known.set(group, made))
  return made
}

/** How a worker suits the jobs of a group, if it may have jobs of the type; null if it may have none, now or later. */
export const matchFor = ({ keptFrom, suitability }: Seeker, group: JobGroup): Match | null =>
  keptFrom.has(group.type) ? null : matchOf(suitability, group)

/**
 * How well a worker that is running `running` jobs suits a job of the group that has been pending for `waited` milliseconds;
 * null if it may not have it.
 */
export const rankOf = (
  seeker: Seeker,
  group: JobGroup,
  waited: number,
  running: number = seeker.running
): Rank | null => {
  const matched = matchFor(seeker, group)
  if (matched === null || matched.eligibleAfter > waited) return null
  const merits = {
    fit: fitOf(matched, waited),
    record: seeker.records.get(group.type) ?? recordOfNobody,
    running
  }
  return {
    seeker,
    score: scoreOf({ ...merits, hasFailedIt: false }),
    scoreAfterFailure: scoreOf({ ...merits, hasFailedIt: true })
  }
}

/** The best first; of those that suit alike, whoever has waited longest, in which order they are given. */
export const bestFirst = <R extends Pick<Rank, "score">>(ranks: ReadonlyArray<R>): ReadonlyArray<R> =>
  ranks.toSorted((left, right) => right.score - left.score)

/** Somebody who gets a job, how well it suits, and who might have got it instead, the best first. */
export interface Assignee {
  readonly seeker: Seeker
  readonly score: number
  readonly runnersUp: ReadonlyArray<RunnerUp>
}

/** At most this many runners-up are kept with an attempt. */
const mostRunnersUp = 3

/** The best of these, with those who come after it: a worker that asks more than once is no rival of its own. */
export const assigneeOf = (ranks: Iterable<Pick<Rank, "seeker" | "score">>): Assignee | null => {
  let best: Pick<Rank, "seeker" | "score"> | null = null
  const runnersUp = new Map<string, RunnerUp>()
  for (const rank of ranks) {
    const { worker } = rank.seeker
    if (best === null) best = rank
    else if (worker !== best.seeker.worker && !runnersUp.has(worker)) {
      runnersUp.set(worker, { worker, score: rank.score })
      if (runnersUp.size === mostRunnersUp) break
    }
  }
  return best === null ? null : { seeker: best.seeker, score: best.score, runnersUp: [...runnersUp.values()] }
}

/**
 * How well each seeker, with `more` jobs than it runs now, suits the jobs of the groups, if it may have any of them at once and
 * suits one as well as any other.
 */
const ranksOfAlike = (
  groups: ReadonlyArray<JobGroup>,
  seekers: ReadonlyArray<Seeker>,
  more: number
): ReadonlyArray<Rank> | null => {
  const [first, ...others] = groups
  const accepted = seekers[0]?.accepted
  if (first === undefined) return null
  if (groups.some(({ constraints }) => constraints.some(({ relaxAfter }) => relaxAfter !== undefined)))
    return null
  const ranks: Array<Rank> = []
  for (const seeker of seekers) {
    const rankIn = (group: JobGroup) => rankOf(seeker, group, 0, seeker.running + more)
    const rank = rankIn(first)
    if (rank === null || seeker.accepted !== accepted) return null
    if (others.some((group) => rankIn(group)?.score !== rank.score)) return null
    ranks.push(rank)
  }
  return ranks
}

/**
 * Who gets the first `count` jobs of these groups, in the order of the jobs, where every job suits each of those who ask as
 * well as any other, so that jobs need to be looked at only for their age: the best first, and everybody one job before
 * anybody gets a second. Null where it is not so.
 */
export const shareOut = (
  groups: ReadonlyArray<JobGroup>,
  seekers: ReadonlyArray<Seeker>,
  count: number
): ReadonlyArray<Assignee> | null => {
  const assignees: Array<Assignee> = []
  for (let turn = 0; assignees.length < count; turn++) {
    const wanting = seekers.filter(({ max }) => max > turn)
    if (wanting.length === 0) break
    // Scores are rounded, so those that are alike with one load may not be so with another.
    const ranks = ranksOfAlike(groups, wanting, turn)
    if (ranks === null) return null
    const order = bestFirst(ranks)
    for (let place = 0; place < order.length && assignees.length < count; place++) {
      const assignee = assigneeOf(order.slice(place))
      if (assignee !== null) assignees.push(assignee)
    }
  }
  return assignees
}
