/** Where limits have left room for long: for one more beside all that ran at any time meanwhile, and all that began. */
import { Duration } from "effect"
import type { JobId } from "../../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { Policy } from "../../../../src/domain/policies/Policy.ts"
import type { Facts } from "../../facts/Facts.ts"
import { type Change, givenBy } from "../../facts/StoreWatch.ts"

interface Run {
  readonly type: string
  readonly fairnessKey: string | null
  readonly worker: string
  /** By what has elapsed. */
  readonly began: number
  ended: number
}

/** How long what has ended is remembered, in milliseconds: no period of a run with the ticks around it is longer. */
const memory = 120_000

export class RoomLeft {
  readonly #facts: Facts
  readonly #running = new Map<JobId, Run>()
  readonly #runs = new Map<string, Array<Run>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  changed(change: Change): void {
    const { after, id } = change
    const elapsed = this.#facts.elapsed()
    if (after?.job.status !== "processing") {
      const run = this.#running.get(id)
      if (run !== undefined) run.ended = elapsed
      this.#running.delete(id)
    }
    const job = givenBy(change)
    if (job === null) return
    const { fairnessKey, type } = job.group
    const run: Run = { type, fairnessKey, worker: job.attempt.worker, began: elapsed, ended: Infinity }
    this.#running.set(id, run)
    const remembered = (this.#runs.get(type) ?? []).filter(({ ended }) => ended > elapsed - memory)
    this.#runs.set(type, [...remembered, run])
  }

  /** Whether for so many milliseconds the limits of a policy have left room for the job, given to this worker. */
  hasHad(
    policy: Policy,
    { group: { fairnessKey, type } }: JobRecord,
    worker: string,
    millis: number
  ): boolean {
    const { concurrency, perFairnessKey, perWorker, rateLimit } = policy
    const elapsed = this.#facts.elapsed()
    const all = this.#runs.get(type) ?? []
    const ran = all.filter(({ ended }) => ended >= elapsed - millis)
    const isBelow = (limit: number | null, counts: (run: Run) => boolean) =>
      limit === null || ran.filter(counts).length < limit
    return (
      isBelow(concurrency, () => true) &&
      isBelow(perFairnessKey, (run) => run.fairnessKey === fairnessKey) &&
      isBelow(perWorker, (run) => run.worker === worker) &&
      (rateLimit === null || this.#hasRateLeft(rateLimit, all, millis))
    )
  }

  #hasRateLeft({ limit, period }: NonNullable<Policy["rateLimit"]>, all: ReadonlyArray<Run>, millis: number) {
    const length = Duration.toMillis(period)
    // What began in the time to come, by a clock that was set back, counts for a period from when somebody sees it.
    if (this.#facts.troubles.wasClockSetWithin(2 * length + 2 * millis)) return false
    const since = this.#facts.elapsed() - length - millis
    return all.filter(({ began }) => began >= since).length < limit
  }
}
