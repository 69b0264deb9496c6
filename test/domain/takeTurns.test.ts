import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { takeTurns } from "../../src/domain/takeTurns.ts"

const waiting = (...maxima: ReadonlyArray<number>) =>
  maxima.map((max, index) => ({ name: "abcdefgh"[index], vacancy: { max } }))

const turns = (maxima: ReadonlyArray<number>, limit: number) =>
  takeTurns(waiting(...maxima), limit)
    .map(({ name }) => name)
    .join("")

describe("takeTurns", () => {
  it.each([
    [[], 5, ""],
    [[1], 5, "a"],
    [[1, 1, 1], 2, "ab"],
    [[3, 1, 2], 10, "abcaca"],
    [[3, 1, 2], 6, "abcaca"],
    [[3, 1, 2], 5, "abcac"],
    [[3, 1, 2], 4, "abca"],
    [[3, 1, 2], 3, "abc"],
    [[100, 100], 5, "ababa"],
    [[2, 2], 0, ""]
  ] as const)("of %j with %d slots: %s", (maxima, limit, expected) => {
    assert.strictEqual(turns(maxima, limit), expected)
  })

  const small = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 }))
  it.prop(
    "gives all slots that are wanted, and nobody two more than another who wants more",
    { maxima: Arbitrary.array(Arbitrary.schema(small), { maxLength: 8 }), limit: small },
    ({ limit, maxima }) => {
      const vacancies = waiting(...maxima)
      const slots = takeTurns(new Set(vacancies), limit)
      const wanted = maxima.reduce((sum, max) => sum + max, 0)
      assert.strictEqual(slots.length, Math.min(limit, wanted))
      const shares = vacancies.map((one) => slots.filter((slot) => slot === one).length)
      const largest = Math.max(0, ...shares)
      shares.forEach((share, index) => {
        assert.isAtMost(share, maxima[index] ?? 0)
        assert.isTrue(share === maxima[index] || share >= largest - 1)
      })
    }
  )
})
