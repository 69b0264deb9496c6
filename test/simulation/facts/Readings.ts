/** By which state of something in the store each server goes: by what it has read last, until it reads it again or dies. */
import { Effect } from "effect"
import type { Guard } from "../../support/StoreGuard.ts"

/** From when on a server has gone by what was so at a moment. */
interface Reading {
  readonly since: number
  readonly of: number
}

interface Life {
  readonly readings: Array<Reading>
  endedAt: number
}

export class Readings {
  readonly #elapsed: () => number
  readonly #lives: Array<Life> = []

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  /** A server begins: what it reads by `reading` is noted, until `ends`. What it was not told, it does not know. */
  begin(): { readonly reading: (guard: Guard) => Guard; readonly ends: () => void } {
    const life: Life = { readings: [], endedAt: Infinity }
    this.#lives.push(life)
    return {
      reading: (guard) => (call) =>
        Effect.suspend(() => {
          let of = this.#elapsed()
          const read = Effect.suspend(() => {
            of = this.#elapsed()
            return call
          })
          return Effect.tap(guard(read), () =>
            Effect.sync(() => life.readings.push({ since: this.#elapsed(), of }))
          )
        }),
      ends: () => {
        life.endedAt = this.#elapsed()
      }
    }
  }

  /** The earliest moment by which some server may have gone at any time from then on. */
  earliestSince(from: number): number {
    const moments = this.#lives
      .filter(({ endedAt }) => endedAt >= from)
      .map(({ readings }) => (readings.findLast(({ since }) => since < from) ?? readings[0])?.of ?? Infinity)
    return Math.min(this.#elapsed(), ...moments)
  }

  /** Since when every server has gone by what was so after the moment; one that began after it has never done otherwise. */
  knownSince(moment: number): number {
    const times = this.#lives
      .filter(({ readings }) => (readings[0]?.of ?? Infinity) <= moment)
      .map(({ endedAt, readings }) => readings.find(({ of }) => of > moment)?.since ?? endedAt)
    return Math.max(moment, ...times)
  }
}
