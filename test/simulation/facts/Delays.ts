/** How late things are in a run, and how late they may be. All times are in milliseconds. */
import { Duration } from "effect"
import { retryDelay } from "../../../src/domain/retryForever.ts"
import type { Options } from "../Options.ts"
import type { Troubles } from "./Troubles.ts"

/** How long a word takes at most from the store to whoever waits for it. */
export const way = 100

/** How long a call of a store that fails now and then may be tried in vain. */
const longestFailing = 12 * Duration.toMillis(retryDelay)

export class Delays {
  readonly #options: Options
  readonly #troubles: Troubles
  readonly #now: () => number

  constructor(options: Options, troubles: Troubles, now: () => number) {
    this.#options = options
    this.#troubles = troubles
    this.#now = now
  }

  get #storeFails(): boolean {
    const { storeAfter, storeBefore } = this.#options.faults
    return storeBefore + storeAfter > 0
  }

  /** How long what a server has decided may be on its way to the store, with all that the store is asked before. */
  get calls(): number {
    return 20 * this.#options.storeDelay
  }

  /** How long a server may not have heard of what happened to a job at another, if it looks by itself once in so many milliseconds. */
  lag(backstop: number): number {
    const { faults, incidents, newsDelay, servers } = this.#options
    if (this.#storeFails || incidents.storeAway !== null) return backstop + longestFailing + this.calls
    return servers === 1 ? this.calls : (faults.newsLost > 0 ? backstop : newsDelay) + this.calls
  }

  /** By how much what was due at a time is late now, apart from times of trouble. */
  lateness(due: number): number {
    return this.#troubles.isAny ? 0 : this.#now() - Math.max(due, this.#troubles.calmSince)
  }

  /** By how much anything may be late that the boss does by the clock. */
  get tick(): number {
    // Whoever dies when a server has just planned with it in mind leaves the rest to the backstop of another.
    return 5_000 + way + 30 * this.#options.storeDelay + (this.#storeFails ? longestFailing : 0)
  }
}
