/** When there was trouble in a run, and when its clock was set. */
import type { Loop } from "../Loop.ts"
import type { Options } from "../Options.ts"

export class Troubles {
  readonly #time: Pick<Loop, "now" | "elapsed">
  readonly #canFail: boolean
  #running = 0
  #latest: number
  #calmSince: number
  #clockSetAt = -Infinity

  constructor({ faults }: Options, time: Pick<Loop, "now" | "elapsed">) {
    this.#time = time
    this.#canFail = faults.storeBefore + faults.storeAfter > 0
    this.#calmSince = time.now()
    this.#latest = time.now()
  }

  /** Whether there is any now. */
  get isAny(): boolean {
    return this.#running > 0
  }

  /** When the last trouble was over, or the clock was set, by that clock. */
  get calmSince(): number {
    return this.#calmSince
  }

  /** When the clock was set, by what has elapsed. */
  get clockSetAt(): number {
    return this.#clockSetAt
  }

  /** From now on there is trouble, until the function that is returned is called. */
  begin(): () => void {
    this.#running += 1
    return () => {
      this.#running -= 1
      this.#calmSince = this.#time.now()
    }
  }

  /** The clock was set: what is due by it may be noticed from now on, and by how much it was late before does not count. */
  clockSet(from: number): void {
    this.#latest = Math.max(this.#latest, from)
    this.#calmSince = this.#time.now()
    this.#clockSetAt = this.#time.elapsed()
  }

  /** The latest time that it has ever been. */
  get latest(): number {
    return Math.max(this.#latest, this.#time.now())
  }

  /** Whether the clock has been set within so many milliseconds, so that servers may go by what they knew before. */
  wasClockSetWithin(millis: number): boolean {
    return this.#time.elapsed() - this.#clockSetAt < millis
  }

  /** Whether there was neither trouble since then, in milliseconds since the epoch, nor was the clock set. */
  isQuietSince(time: number): boolean {
    return !this.isAny && this.#calmSince < time
  }

  /** The same, and no call of the store can have failed. */
  isSafeSince(time: number): boolean {
    return !this.#canFail && this.isQuietSince(time)
  }
}
