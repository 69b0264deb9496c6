/** Splits queues by who has failed a job before: within a part, whoever may not have the first job may have none of it. */
import type { Candidate, Queue } from "./Candidates.ts"
import type { Seeker } from "./Ranking.ts"

/** A job, and the worker that suits it best of those who may have it. */
export interface Offer<Q, C> {
  readonly queue: Q
  readonly job: C
  readonly seeker: Seeker
  readonly score: number
}

/** The jobs of a queue that the same workers have failed (mostly none), in the order of the queue, and a cursor into them. */
export interface SubQueue<Q, C> {
  readonly queue: Q
  readonly jobs: ReadonlyArray<C>
  /** All jobs before this index are taken. */
  next: number
  /** The best offer for the first job that is left, kept while its job and its worker are free. */
  offer: Offer<Q, C> | null
}

/** Whether its jobs are those that nobody has failed. */
export const isOfUnfailed = ({ jobs: [first] }: SubQueue<unknown, Candidate>): boolean =>
  first === undefined || first.failedBy.length === 0

/** The parts of a queue, that of the jobs that nobody has failed first. */
export const subQueuesOf = <C extends Candidate, Q extends Queue<C>>(
  queue: Q
): ReadonlyArray<SubQueue<Q, C>> => {
  const unfailed: Array<C> = []
  const failed = new Map<string, Array<C>>()
  for (const job of queue.jobs) {
    if (job.failedBy.length === 0) {
      unfailed.push(job)
      continue
    }
    const by = job.failedBy.toSorted().join(" ")
    const alike = failed.get(by)
    if (alike === undefined) failed.set(by, [job])
    else alike.push(job)
  }
  return [unfailed, ...failed.values()].map((jobs) => ({ queue, jobs, next: 0, offer: null }))
}

/** The first job that is not taken. Moves the cursor there. */
export const headOf = <Q, C extends Candidate>(
  subQueue: SubQueue<Q, C>,
  taken: ReadonlySet<string>
): C | undefined => {
  let head = subQueue.jobs[subQueue.next]
  while (head !== undefined && taken.has(head.id)) {
    subQueue.next += 1
    head = subQueue.jobs[subQueue.next]
  }
  return head
}
