/** What jobs have been like: each of their versions, and since when it was so. */
import type { JobId } from "../../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { Change } from "../../facts/StoreWatch.ts"

export interface PastJob {
  readonly job: JobRecord
  /** By what has elapsed, and by the clock as it was set then. */
  readonly since: number
  readonly at: number
}

export class PastJobs {
  readonly #facts: Facts
  readonly #versions = new Map<JobId, Array<PastJob>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  changed({ after, id }: Change): void {
    if (after === null) return
    const known = this.#versions.get(id) ?? []
    this.#versions.set(id, known)
    if (known.at(-1)?.job.version === after.job.version) return
    known.push({ job: after.job, since: this.#facts.elapsed(), at: this.#facts.now() })
  }

  /** What the job has been like at some time from a moment on, by what has elapsed; the last is what it is now. */
  since(id: JobId, moment: number): ReadonlyArray<PastJob> {
    const known = this.#versions.get(id) ?? []
    const first = known.findLastIndex(({ since }) => since < moment)
    return known.slice(Math.max(0, first))
  }
}
