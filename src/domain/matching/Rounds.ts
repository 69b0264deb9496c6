/** The algorithm of `Choosing`: greedy, job by job, in rounds in which each worker gets at most one job. */
import { DateTime } from "effect"
import { levelOf, standingOf } from "./Ageing.ts"
import type { BetterWorker, Candidate, Choice, Choosing, Queue } from "./Candidates.ts"
import type { RemainingHead } from "./RemainingJobs.ts"
import { headOf, isOfUnfailed, type SubQueue, subQueuesOf, type Offer } from "./SubQueues.ts"
import type { JobGroup } from "./Matching.ts"
import { assigneeOf, bestFirst, matchFor, type Rank, type Seeker } from "./Ranking.ts"
import * as Rankings from "./Rankings.ts"

export interface Rounds<Q, C> {
  /** Chooses at most `most` jobs. No seeker gets more than it wants. */
  readonly choose: (most: number) => ReadonlyArray<Choice<Q, C>>
  /** Chooses at most `most` substitutes, for seekers who got any: each in place of a choice that cannot be had, not in addition. */
  readonly chooseSpares: (most: number) => ReadonlyArray<Choice<Q, C>>
  /** Whether the seeker got less than it wants. */
  readonly wantsMore: (seeker: Seeker) => boolean
  /** Queues that ran out, though their groups may have more of what somebody wants (see `Chosen.dry`). */
  readonly dry: () => ReadonlyArray<Q>
  /** The first jobs that are left. */
  readonly heads: () => ReadonlyArray<RemainingHead<Q>>
}

/** Whether a job is to wait for somebody who is better than this. */
const isKeptFor = (better: BetterWorker | null, job: Candidate, waited: number, score: number): boolean =>
  better !== null && waited < better.patience && score < better.score && !job.failedBy.includes(better.worker)

export const make = <C extends Candidate, Q extends Queue<C>>({
  now,
  queues,
  room,
  seekers
}: Pick<Choosing<Q>, "now" | "queues" | "room" | "seekers">): Rounds<Q, C> => {
  const turns = new Map(queues.map(({ group, turn }) => [group.fairnessKey, turn]))
  let lastTurn = queues.reduce((last, { turn }) => Math.max(last, turn), 0)
  const turnOf = ({ group }: Q) => turns.get(group.fairnessKey) ?? 0
  // Zero for a job whose runAt is ahead because the clock was set back.
  const waitedOf = ({ runAt }: C) => Math.max(0, now - DateTime.toEpochMillis(runAt))

  const taken = new Set<string>()
  const got = new Map<Seeker, number>()
  const gotOf = (seeker: Seeker) => got.get(seeker) ?? 0
  const wantsMore = (seeker: Seeker) => gotOf(seeker) < seeker.max
  const subQueues = queues.flatMap(subQueuesOf<C, Q>)
  const dry = new Set<Q>()

  // Of one round.
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
  const bestFor = (queue: Q, job: C): Iterable<Pick<Rank, "seeker" | "score">> => {
    if (job.failedBy.length === 0) return freeFor(queue, job)
    const hasFailed = new Set(job.failedBy)
    return bestFirst(
      Array.from(freeFor(queue, job), ({ score, scoreAfterFailure, seeker }) => ({
        seeker,
        score: hasFailed.has(seeker.worker) ? scoreAfterFailure : score
      }))
    )
  }

  /** The best offer for the first job of a sub-queue; null if nobody may have any of its jobs, "dry" if more of the queue may be. */
  const offerOf = (subQueue: SubQueue<Q, C>): Offer<Q, C> | "dry" | null => {
    const { offer, queue } = subQueue
    if (!room.has(queue.group)) return null
    const job = headOf(subQueue, taken)
    const ifMore = isOfUnfailed(subQueue) && !queue.isWhole ? "dry" : null
    if (job === undefined) return ifMore
    if (offer?.job === job && isFree(queue.group, offer)) return offer
    const [best] = bestFor(queue, job)
    // Those behind it have waited less: who may not have this one may have none of them.
    if (best === undefined) return null
    // A job further behind may not be kept: one that the better worker has failed.
    if (isKeptFor(queue.better, job, waitedOf(job), best.score)) return ifMore
    subQueue.offer = { queue, job, ...best }
    return subQueue.offer
  }

  const standingIn = ({ job, queue }: Offer<Q, C>) => standingOf(job.runAt, queue.group.priority)
  const isBefore = (left: Offer<Q, C>, right: Offer<Q, C>) =>
    standingIn(left) - standingIn(right) ||
    // Of a job that several queues have, whoever has waited longest.
    (left.job.id === right.job.id
      ? seekers.indexOf(left.seeker) - seekers.indexOf(right.seeker)
      : left.job.id < right.job.id
        ? -1
        : 1)
  const isServedBefore = (left: Offer<Q, C>, right: Offer<Q, C>) =>
    turnOf(left.queue) - turnOf(right.queue) ||
    levelOf(waitedOf(right.job)) - levelOf(waitedOf(left.job)) ||
    right.score - left.score ||
    isBefore(left, right)

  /** Whether somebody who asks may want more of the jobs of a queue. */
  const isWanted = ({ accepted, group }: Q) =>
    room.has(group) &&
    seekers.some(
      (seeker) =>
        wantsMore(seeker) &&
        seeker.accepted === accepted &&
        room.hasFor(group, seeker.worker) &&
        matchFor(seeker, group) !== null
    )

  const next = (open: Set<SubQueue<Q, C>>): Offer<Q, C> | null => {
    const offers: Array<Offer<Q, C>> = []
    let first: Offer<Q, C> | null = null
    for (const subQueue of open) {
      const offer = offerOf(subQueue)
      // Jobs, room and free workers only get fewer within a round, so this sub-queue has no offer any more in this one.
      if (offer === null || offer === "dry") {
        open.delete(subQueue)
        if (offer === "dry" && isWanted(subQueue.queue)) dry.add(subQueue.queue)
      } else {
        offers.push(offer)
        if (first === null || isBefore(offer, first) < 0) first = offer
      }
    }
    if (first === null) return null
    const { priority } = first.queue.group
    for (const offer of offers) {
      if (offer.queue.group.priority === priority && isServedBefore(offer, first) < 0) first = offer
    }
    return first
  }

  const take = ({ job, queue, seeker }: Offer<Q, C>) => {
    taken.add(job.id)
    free.delete(seeker)
    got.set(seeker, gotOf(seeker) + 1)
    room.take(queue.group, seeker.worker)
    lastTurn += 1
    turns.set(queue.group.fairnessKey, lastTurn)
  }

  const chooseRounds = (most: number, beginRound: (round: number) => Set<Seeker>) => {
    const choices: Array<Choice<Q, C>> = []
    for (let round = 0; choices.length < most; round++) {
      free = beginRound(round)
      const before = choices.length
      const open = new Set(subQueues)
      for (const subQueue of subQueues) subQueue.offer = null
      while (choices.length < most && free.size > 0) {
        const offer = next(open)
        if (offer === null) break
        const { job, queue } = offer
        // Who else is free is another question with every choice.
        const assignee = assigneeOf(bestFor(queue, job))
        if (assignee === null) break
        choices.push({ queue, job, ...assignee })
        take(offer)
      }
      if (choices.length === before) break
    }
    return choices
  }

  return {
    choose: (most) =>
      chooseRounds(most, (round) => {
        const wanting = new Set(seekers.filter(({ max }) => max > round))
        rankings = Rankings.make(wanting, (seeker) => seeker.running + gotOf(seeker))
        return wanting
      }),
    chooseSpares: (most) => {
      const given = new Set(got.keys())
      rankings = Rankings.make(given, ({ running }) => running)
      return chooseRounds(most, () => {
        rankings.beginAnew()
        return new Set(given)
      })
    },
    wantsMore,
    dry: () => [...dry],
    heads: () =>
      subQueues.flatMap((subQueue) => {
        const head = headOf(subQueue, taken)
        return head === undefined ? [] : [{ queue: subQueue.queue, head }]
      })
  }
}
