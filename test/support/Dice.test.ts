import { assert, describe, it } from "@effect/vitest"
import type { Array as Arr } from "effect"
import { makeByChance, makeDice } from "./Dice.ts"

/** More than enough for each of a few values. */
const draws = 100
const drawn = <A>(draw: () => A): Array<A> => [...new Set(Array.from({ length: draws }, draw))]

describe("dice", () => {
  it("draw every value, those that stand for nothing too", () => {
    const dice = makeDice("values")
    const values: Arr.NonEmptyArray<string | number | boolean | null | undefined> = [
      "a",
      null,
      undefined,
      0,
      "",
      false
    ]
    assert.sameMembers(
      drawn(() => dice.pick(...values)),
      values
    )
    assert.sameMembers(
      drawn(() => dice.from(values)),
      values
    )
  })

  it("draw a value or none", () => {
    const dice = makeDice("none")
    assert.sameMembers(
      drawn(() => dice.maybe("a")),
      ["a", null]
    )
  })

  it("draw the same again by the same seed, and something else by another", () => {
    const list = (seed: string) => {
      const dice = makeDice(seed)
      return Array.from({ length: 20 }, () => dice.below(1_000))
    }
    assert.deepStrictEqual(list("s"), list("s"))
    assert.notDeepEqual(list("s"), list("t"))
  })

  it("are taken away from what they have made", () => {
    const draw = makeByChance("made", (dice) => {
      dice.next()
      return () => dice.maybe("a")
    })
    assert.throws(draw, "still draws")
  })
})
