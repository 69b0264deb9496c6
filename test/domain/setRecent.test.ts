import { assert, it } from "@effect/vitest"
import { setRecent } from "../../src/domain/setRecent.ts"

it("keeps the keys that were set last, and no more than may be", () => {
  const map = new Map<string, number>()
  for (const [value, key] of ["a", "b", "a", "c"].entries()) setRecent(map, key, value, 2)
  assert.deepStrictEqual(
    [...map],
    [
      ["a", 2],
      ["c", 3]
    ]
  )
})
