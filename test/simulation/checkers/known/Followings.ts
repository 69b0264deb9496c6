/** What followers have been told of their jobs, and what there is to tell. */
import type { JobId } from "../../../../src/domain/Identifiers.ts"
import type { Position } from "../../../../src/domain/jobs/Following.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { ProgressEvent } from "../../../../src/domain/attempts/SignOfLife.ts"
import type { Sighting } from "../../Checker.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { Change } from "../../facts/StoreWatch.ts"

/** A state of a job. */
interface Known {
  readonly job: JobRecord
  /** By what has elapsed. */
  readonly since: number
}

export class Followings {
  readonly #facts: Facts
  readonly #states = new Map<JobId, Map<number, Known>>()
  readonly #places = new Map<string, Position>()
  /** The version with which each follower began. */
  readonly #firsts = new Map<string, number>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  changed({ after, id }: Change): void {
    if (after === null) return
    const { version } = after.job
    const known = this.#states.get(id) ?? new Map<number, Known>()
    this.#states.set(id, known)
    known.set(version, { job: after.job, since: known.get(version)?.since ?? this.#facts.elapsed() })
  }

  saw(sighting: Sighting): void {
    if (sighting._tag !== "Followed") return
    const { follower, position } = sighting
    if (!this.#places.has(follower)) this.#firsts.set(follower, position.version)
    this.#places.set(follower, position)
  }

  /** How far a follower has been told; undefined if it was told nothing. */
  placeOf(follower: string): Position | undefined {
    return this.#places.get(follower)
  }

  stateAt(job: JobId, version: number): Known | undefined {
    return this.#states.get(job)?.get(version)
  }

  /** The progress of the last attempt that had begun by a version of the job. */
  progressAt(job: JobId, version: number): ReadonlyArray<ProgressEvent> {
    const attempt = this.#attemptAt(job, version)
    return attempt === undefined ? [] : (this.#facts.state.progress.get(attempt.id) ?? [])
  }

  /** Whether an attempt lives in this version of the job, and goes on in the next. */
  isAmendedAt(job: JobId, version: number): boolean {
    return (
      this.#isProcessedAt(job, version) &&
      this.#isProcessedAt(job, version + 1) &&
      this.#attemptAt(job, version) === this.#attemptAt(job, version + 1)
    )
  }

  /** The first progress, if there is any, that a follower is to be told at its place after an event and before another. */
  untoldAt(follower: string, job: JobId, place: Position, before = Infinity): ProgressEvent | undefined {
    if (!this.#isProcessedAt(job, place.version)) return undefined
    // What the first state shows already is not told again.
    const isFirst = this.#firsts.get(follower) === place.version
    return this.progressAt(job, place.version).find(
      ({ event, id }) =>
        id > place.event &&
        id < before &&
        event !== "checkpoint" &&
        !(isFirst && (event === "percent" || event === "message"))
    )
  }

  #isProcessedAt(job: JobId, version: number): boolean {
    return this.stateAt(job, version)?.job.status === "processing"
  }

  #attemptAt(job: JobId, version: number) {
    return this.#facts.state.histories
      .get(job)
      ?.attempts.findLast(({ startedVersion }) => startedVersion <= version)
  }
}
