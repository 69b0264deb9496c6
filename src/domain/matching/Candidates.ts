/** The data of `Choosing`: what is chosen from, for whom, and what is chosen. */
import type { DateTime } from "effect"
import type { AcceptedJobs } from "./Acceptance.ts"
import type { Room } from "./Limits.ts"
import type { JobGroup } from "./Matching.ts"
import type { Assignee, Seeker } from "./Ranking.ts"

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
