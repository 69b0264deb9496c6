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
import { DateTime } from "effect"
import { type AcceptedJobs, anyJob } from "./Acceptance.ts"
import { levelOf, standingOf } from "./Ageing.ts"
import type { Room } from "./Limits.ts"
import { headOf, isOfUnfailed, type Line, linesOf } from "./Lines.ts"
import { type JobGroup, relaxTimes } from "./Matching.ts"
import { type Assignee, assigneeOf, matchOf, type Rank, type Seeker } from "./Ranking.ts"
import * as Rankings from "./Rankings.ts"

/** A job to choose from. */
export interface Candidate {
  readonly id: string
  readonly runAt: DateTime.Utc
  /** The workers that have failed or lost it before. */
  readonly failedBy: ReadonlyArray<string>
}

/** A worker that is alive, and for which a job may be kept until it has been pending for so many milliseconds. */
export interface Better {
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
  readonly better: Better | null
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

/** Whether a job is to wait for somebody who is better than this. */
const isKeptFor = (better: Better | null, job: Candidate, waited: number, score: number): boolean =>
  better !== null && waited < better.patience && score < better.score && !job.failedBy.includes(better.worker)

/** Where not all jobs of a group are to be had, nothing is known of the others. */
const headsOf = (
  left: ReadonlyArray<{ readonly queue: Queue<Candidate>; readonly head: Candidate }>
): ReadonlyArray<Head> => {
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

export const choose = <C extends Candidate, Q extends Queue<C>>({
  count,
  now,
  queues,
  room,
  seekers,
  spares: spareCount
}: Choosing<Q>): Chosen<Q, C> => {
  const turns = new Map(queues.map(({ group, turn }) => [group.fairnessKey, turn]))
  let lastTurn = queues.reduce((last, { turn }) => Math.max(last, turn), 0)
  const turnOf = ({ group }: Q) => turns.get(group.fairnessKey) ?? 0
  const waitedOf = ({ runAt }: C) => now - DateTime.toEpochMillis(runAt)

  const taken = new Set<string>()
  const got = new Map<Seeker, number>()
  const lines = queues.flatMap(linesOf<C, Q>)

  // Of one round, in which everybody gets a job at most.
  let free = new Set<Seeker>()
  let rankings = Rankings.make([], ({ running }) => running)

  const isFree = (group: JobGroup, { seeker }: { readonly seeker: Seeker }) =>
    free.has(seeker) && room.hasFor(group, seeker.worker)

  /** Those who may have a job of the queue and are free, the best first, if it was failed by nobody. */
  const freeFor = function* (queue: Q, job: C): Generator<Rank> {
    const ranking = rankings.of(queue.group, queue.accepted, waitedOf(job))
    const { ranks } = ranking
    while (ranking.from < ranks.length) {
      const first = ranks[ranking.from]
      if (first !== undefined && free.has(first.seeker)) break
      ranking.from += 1
    }
    for (let index = ranking.from; index < ranks.length; index++) {
      const rank = ranks[index]
      if (rank !== undefined && isFree(queue.group, rank)) yield rank
    }
  }

  /** The same, whoever has failed it. */
  const bestFor = (queue: Q, job: C): Iterable<{ readonly seeker: Seeker; readonly score: number }> => {
    if (job.failedBy.length === 0) return freeFor(queue, job)
    const hasFailed = new Set(job.failedBy)
    const scored = Array.from(freeFor(queue, job), ({ score, scoreAfterFailure, seeker }) => ({
      seeker,
      score: hasFailed.has(seeker.worker) ? scoreAfterFailure : score
    }))
    return scored.toSorted((left, right) => right.score - left.score)
  }

  /** The best choice for the first job of the line; null if nobody may have any of it, "dry" if more of the queue may be. */
  const choiceOf = (line: Line<Q, C>): Choice<Q, C> | "dry" | null => {
    const { choice, queue } = line
    if (!room.has(queue.group)) return null
    const job = headOf(line, taken)
    const ifMore = isOfUnfailed(line) && !queue.isWhole ? "dry" : null
    if (job === undefined) return ifMore
    if (choice?.job === job && isFree(queue.group, choice)) return choice
    const assignee = assigneeOf(bestFor(queue, job))
    // Those after it in the line have waited less: who may not have this one may have none of them.
    if (assignee === null) return null
    // One further behind may not be kept, if it was failed by whom this one is kept for.
    if (isKeptFor(queue.better, job, waitedOf(job), assignee.score)) return ifMore
    line.choice = { queue, job, ...assignee }
    return line.choice
  }

  const standingIn = ({ job, queue }: Choice<Q, C>) => standingOf(job.runAt, queue.group.priority)
  const isBefore = (left: Choice<Q, C>, right: Choice<Q, C>) =>
    standingIn(left) - standingIn(right) ||
    // Of a job that several queues have, whoever has waited longest.
    (left.job.id === right.job.id
      ? seekers.indexOf(left.seeker) - seekers.indexOf(right.seeker)
      : left.job.id < right.job.id
        ? -1
        : 1)
  const isServedBefore = (left: Choice<Q, C>, right: Choice<Q, C>) =>
    turnOf(left.queue) - turnOf(right.queue) ||
    levelOf(waitedOf(right.job)) - levelOf(waitedOf(left.job)) ||
    right.score - left.score ||
    isBefore(left, right)

  /** Whether somebody who asks may want more of the jobs of a queue. */
  const isWanted = ({ accepted, group }: Q) =>
    room.has(group) &&
    seekers.some(
      (seeker) =>
        (got.get(seeker) ?? 0) < seeker.max &&
        seeker.accepted === accepted &&
        !seeker.keptFrom.has(group.type) &&
        room.hasFor(group, seeker.worker) &&
        matchOf(seeker.suitability, group) !== null
    )

  const dry = new Set<Q>()
  const next = (open: Set<Line<Q, C>>): Choice<Q, C> | null => {
    const choices: Array<Choice<Q, C>> = []
    let first: Choice<Q, C> | null = null
    for (const line of open) {
      const choice = choiceOf(line)
      // In this round there will be no other: there is less and less to have, and to be had.
      if (choice === null || choice === "dry") {
        open.delete(line)
        if (choice === "dry" && isWanted(line.queue)) dry.add(line.queue)
      } else {
        choices.push(choice)
        if (first === null || isBefore(choice, first) < 0) first = choice
      }
    }
    if (first === null) return null
    const { priority } = first.queue.group
    for (const choice of choices) {
      if (choice.queue.group.priority === priority && isServedBefore(choice, first) < 0) first = choice
    }
    return first
  }

  /** Chooses in rounds, in each of which those who take part get a job at most. */
  const chooseRounds = (most: number, beginRound: (round: number) => Set<Seeker>) => {
    const choices: Array<Choice<Q, C>> = []
    for (let round = 0; choices.length < most; round++) {
      free = beginRound(round)
      const before = choices.length
      const open = new Set(lines)
      for (const line of lines) line.choice = null
      while (choices.length < most && free.size > 0) {
        const choice = next(open)
        if (choice === null) break
        const { job, queue, seeker } = choice
        choices.push(choice)
        taken.add(job.id)
        free.delete(seeker)
        got.set(seeker, (got.get(seeker) ?? 0) + 1)
        room.take(queue.group, seeker.worker)
        lastTurn += 1
        turns.set(queue.group.fairnessKey, lastTurn)
      }
      if (choices.length === before) break
    }
    return choices
  }

  const choices = chooseRounds(count, (round) => {
    const wanting = new Set(seekers.filter(({ max }) => max > round))
    rankings = Rankings.make(wanting, (seeker) => seeker.running + (got.get(seeker) ?? 0))
    return wanting
  })
  if (dry.size > 0) return { choices, spares: [], dry: [...dry], drained: [], later: [], heads: [] }
  const isAllChosen = choices.length >= count
  const left = lines.flatMap((line) => {
    const head = headOf(line, taken)
    return head === undefined ? [] : [{ queue: line.queue, head }]
  })
  const haveMore = new Set(left.map(({ queue }) => queue))
  const drained = isAllChosen
    ? []
    : queues.flatMap((queue) =>
        !haveMore.has(queue) && queue.isWhole && queue.accepted === anyJob ? [queue.group.id] : []
      )

  /** When the first job of a group may be given to somebody who asks for more, as far as that is a matter of time. */
  const laterOf = ({ accepted, better, group }: Q, head: C): ReadonlyArray<Later> => {
    const waited = waitedOf(head)
    // It may be kept from who will suit it well enough when the next constraint has become a wish.
    const kept = better !== null && better.patience > waited ? [better.patience, ...relaxTimes(group)] : []
    const times = seekers.flatMap((seeker) => {
      if ((got.get(seeker) ?? 0) >= seeker.max || seeker.accepted !== accepted) return []
      if (seeker.keptFrom.has(group.type)) return []
      const matched = matchOf(seeker.suitability, group)
      if (matched === null) return []
      return matched.eligibleAfter > waited ? [matched.eligibleAfter] : kept
    })
    const time = times.reduce((least, one) => (one > waited ? Math.min(least, one) : least), Infinity)
    return time === Infinity ? [] : [{ group: group.id, at: now - waited + time }]
  }
  const later = isAllChosen ? [] : left.flatMap(({ head, queue }) => laterOf(queue, head))
  const heads = headsOf(left)

  // Each would be given instead of what was chosen, not besides.
  const given = new Set(got.keys())
  rankings = Rankings.make(given, ({ running }) => running)
  const spares = chooseRounds(spareCount, () => {
    rankings.beginAnew()
    return new Set(given)
  })
  return { choices, spares, dry: [], drained, later, heads }
}
