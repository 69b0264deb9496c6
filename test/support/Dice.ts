/** Chance for tests that take random steps. */
import { Array as Arr } from "effect"

/** Numbers from 0 to below 1, the same for the same seed. */
const numbersOf = (seed: string) => {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619), 1)
  // Mulberry32.
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const diceOf = (next: () => number) => {
  const below = (end: number) => Math.floor(next() * end)
  const pick = <A>(...values: Arr.NonEmptyReadonlyArray<A>): A => Arr.getUnsafe(values, below(values.length))
  return {
    next,
    /** True so often, from 0 to 1. */
    chance: (probability: number): boolean => next() < probability,
    below,
    pick,
    /** The value, or none, each half of the time. */
    maybe: <A>(value: A): A | null => pick(value, null),
    from: <A>(values: ReadonlyArray<A>): A | undefined => values[below(values.length)],
    some: <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => values.filter(() => next() < 0.6),
    times: <A>(most: number, make: () => A): ReadonlyArray<A> =>
      Array.from({ length: 1 + below(most) }, () => make()),
    uuid: () => {
      const digits = Array.from({ length: 32 }, () => below(16).toString(16)).join("")
      return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    }
  }
}
export type Dice = ReturnType<typeof diceOf>

/** Chance that can be had again by its seed. */
export const makeDice = (seed: string): Dice => diceOf(numbersOf(seed))

/**
 * Something made by the chance of a seed. The dice are taken away when it is made: whatever it is used for later, and however
 * often, it draws nothing any more.
 */
export const makeByChance = <A>(seed: string, make: (dice: Dice) => A): A => {
  const next = numbersOf(seed)
  let isMade = false
  const made = make(
    diceOf(() => {
      if (isMade) throw new Error(`what was made by the chance of ${seed} still draws`)
      return next()
    })
  )
  isMade = true
  return made
}
