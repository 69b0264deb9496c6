/** The jobs of queues as lines in which everybody may have the jobs behind only if they may have the first. */
import type { Candidate, Queue } from "./Choosing.ts"
import type { Seeker } from "./Ranking.ts"

/** A job, and who suits it best of those who may have it. */
export interface Offer<Q, C> {
  readonly queue: Q
  readonly job: C
  readonly seeker: Seeker
  readonly score: number
}

/** Jobs of a queue that were failed by the same workers, most of them by nobody, and how far they were read. */
export interface Line<Q, C> {
  readonly queue: Q
  readonly jobs: ReadonlyArray<C>
  next: number
  /** The best offer of the first job that is left, as long as neither is taken. */
  offer: Offer<Q, C> | null
}

/** Whether its jobs are those that nobody has failed. */
export const isOfUnfailed = ({ jobs: [first] }: Line<unknown, Candidate>): boolean =>
  first === undefined || first.failedBy.length === 0

/** Of jobs in one line none can come before the one that has waited longest. Those that nobody has failed come first. */
export const linesOf = <C extends Candidate, Q extends Queue<C>>(queue: Q): ReadonlyArray<Line<Q, C>> => {
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

/** The first of its jobs that is not taken. */
export const headOf = <Q, C extends Candidate>(
  line: Line<Q, C>,
  taken: ReadonlySet<string>
): C | undefined => {
  let head = line.jobs[line.next]
  while (head !== undefined && taken.has(head.id)) {
    line.next += 1
    head = line.jobs[line.next]
  }
  return head
}
