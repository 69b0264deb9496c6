/** What a worker's record and its load may add to its score and take from it, as the documents say, as far as servers know them. */
import { failingOutcomes } from "../../../../src/domain/attempts/failedBy.ts"
import type { AttemptId } from "../../../../src/domain/Identifiers.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { Change } from "../../facts/StoreWatch.ts"
import { endedBy } from "./EndedAttempts.ts"

/** A number that is at least so much and at most. */
export interface Range {
  readonly least: number
  readonly most: number
}

interface Ended {
  readonly done: number
  readonly failed: number
}

/** Runs that are assumed beside those that were seen: so many, of which so many were done, at a usual pace. */
const assumed = { runs: 8, done: 6, pace: 4 }

const loadOf = (running: number): number => running / (running + 1)

export class Merits {
  readonly #facts: Facts
  /** Whether the one server knows at once what happens. */
  readonly #isAllKnown: boolean
  /** The live attempts of each worker, and when they began. */
  readonly #running = new Map<string, Map<AttemptId, number>>()
  /** When an attempt of each worker ended last. */
  readonly #endedAt = new Map<string, number>()
  readonly #ended = new Map<string, Ended>()

  constructor(facts: Facts) {
    this.#facts = facts
    const { faults, incidents, servers, storeDelay } = facts.options
    this.#isAllKnown =
      servers === 1 &&
      storeDelay === 0 &&
      faults.storeBefore + faults.storeAfter === 0 &&
      incidents.storeAway === null &&
      incidents.serverDies === null
  }

  changed(change: Change): void {
    const attempt = change.after?.job.attempt
    if (attempt == null) return
    const { worker } = attempt
    const running = this.#running.get(worker) ?? new Map<AttemptId, number>()
    this.#running.set(worker, running)
    if (attempt.endedAt === null) {
      if (!running.has(attempt.id)) running.set(attempt.id, this.#facts.elapsed())
    } else if (running.delete(attempt.id)) this.#endedAt.set(worker, this.#facts.elapsed())
    const ended = endedBy(change)
    if (ended === null) return
    const key = `${worker} ${ended.type}`
    const { done, failed } = this.#ended.get(key) ?? { done: 0, failed: 0 }
    this.#ended.set(key, {
      done: done + (ended.outcome === "done" ? 1 : 0),
      failed: failed + (failingOutcomes.includes(ended.outcome) ? 1 : 0)
    })
  }

  /** Of the record of a worker in a type, from 0 to 1. What ended lately may not be on it. */
  record(worker: string, type: string): Range {
    if (!this.#isAllKnown) return { least: 0, most: 1 }
    const { done, failed } = this.#ended.get(`${worker} ${type}`) ?? { done: 0, failed: 0 }
    const runs = done + assumed.runs
    return {
      least: (0.75 * assumed.done) / (failed + assumed.runs) + (0.25 * assumed.pace) / runs,
      most: (0.75 * (done + assumed.done)) / runs + (0.25 * (done + assumed.pace)) / runs
    }
  }

  /** Of the load of a worker, from 0 to 1. Those that it is given at this moment may be given in any order. */
  load(worker: string): Range {
    const now = this.#facts.elapsed()
    if (!this.#isAllKnown || this.#endedAt.get(worker) === now) return { least: 0, most: 1 }
    const running = [...(this.#running.get(worker)?.values() ?? [])]
    const before = running.filter((since) => since < now)
    return { least: loadOf(before.length), most: loadOf(running.length) }
  }
}
