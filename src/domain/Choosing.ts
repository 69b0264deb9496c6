/**
 * Which jobs come next. Priorities compare by the standing of the job that comes first in each (see `Ageing`). Within a
 * priority the fairness keys go round: the key that was served longest ago is served next, with the job of its own that
 * comes first. Jobs without a key count as those of one key.
 *
 * It goes job by job, so that a claim of many gives what as many claims of one would.
 */
import type { DateTime } from "effect"
import { standingOf } from "./Ageing.ts"
import type { Room } from "./Limits.ts"
import type { JobGroup } from "./Matching.ts"

/** A job to choose from. */
export interface Candidate {
  readonly id: string
  readonly runAt: DateTime.Utc
}

/** The first pending jobs of a group, in the order of the times since when they are due, and of their ids. */
export interface Queue<C extends Candidate> {
  readonly group: JobGroup
  /** When the fairness key of the group was served last: the lower, the longer ago. */
  readonly turn: number
  readonly jobs: ReadonlyArray<C>
  /** Whether these are all of the group's. */
  readonly isWhole: boolean
}

export interface Chosen<Q, C> {
  readonly jobs: ReadonlyArray<{ readonly queue: Q; readonly job: C }>
  /**
   * Queues that ran out before enough were chosen, though their groups may have more: with more of them, other jobs might
   * have been chosen. As long as there is none, the choice is what it would be with all jobs of all groups.
   */
  readonly dry: ReadonlyArray<Q>
}

/** A queue and how far it was read. */
interface Line<Q, C> {
  readonly queue: Q
  readonly next: number
  readonly head: C
  readonly standing: number
}

/** Chooses `count` jobs that there is room for, in the order in which they are to be given. Takes the room of each. */
export const choose = <C extends Candidate, Q extends Queue<C>>(
  queues: ReadonlyArray<Q>,
  room: Room,
  count: number
): Chosen<Q, C> => {
  const turns = new Map(queues.map(({ group, turn }) => [group.fairnessKey, turn]))
  let lastTurn = queues.reduce((last, { turn }) => Math.max(last, turn), 0)
  const turnOf = ({ queue }: Line<Q, C>) => turns.get(queue.group.fairnessKey) ?? 0

  const lines = new Set<Line<Q, C>>()
  const dry: Array<Q> = []
  const open = (queue: Q, next: number) => {
    const head = queue.jobs[next]
    if (head !== undefined) {
      lines.add({ queue, next, head, standing: standingOf(head.runAt, queue.group.priority) })
    } else if (!queue.isWhole && room.has(queue.group)) dry.push(queue)
  }
  for (const queue of queues) open(queue, 0)

  const isBefore = (left: Line<Q, C>, right: Line<Q, C>) =>
    left.standing === right.standing ? left.head.id < right.head.id : left.standing < right.standing
  const isServedBefore = (left: Line<Q, C>, right: Line<Q, C>) => {
    const [leftTurn, rightTurn] = [turnOf(left), turnOf(right)]
    return leftTurn === rightTurn ? isBefore(left, right) : leftTurn < rightTurn
  }

  const next = (): Line<Q, C> | undefined => {
    let first: Line<Q, C> | undefined
    for (const line of lines) {
      // Room only gets less.
      if (!room.has(line.queue.group)) lines.delete(line)
      else if (first === undefined || isBefore(line, first)) first = line
    }
    if (first === undefined) return undefined
    const { priority } = first.queue.group
    for (const line of lines) {
      if (line.queue.group.priority === priority && isServedBefore(line, first)) first = line
    }
    return first
  }

  const jobs: Array<{ readonly queue: Q; readonly job: C }> = []
  while (jobs.length < count) {
    const line = next()
    if (line === undefined) break
    const { queue } = line
    jobs.push({ queue, job: line.head })
    room.take(queue.group)
    lastTurn += 1
    turns.set(queue.group.fairnessKey, lastTurn)
    lines.delete(line)
    if (jobs.length < count) open(queue, line.next + 1)
  }
  return { jobs, dry }
}
