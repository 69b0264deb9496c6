import { assert, describe, it } from "@effect/vitest"
import * as Turns from "../../../src/domain/dispatching/Turns.ts"

const keys = ["a", "b", null]

/** The keys, the one that was served longest ago first. */
const order = (served: ReadonlyArray<string | null>) => {
  const turns = Turns.make()
  served.forEach(turns.served)
  return keys.toSorted((one, other) => turns.of(one) - turns.of(other))
}

describe("Turns", () => {
  it("come round to the key that was served longest ago, however often in a row another is", () => {
    assert.deepStrictEqual(order([]), ["a", "b", null])
    assert.deepStrictEqual(order(["a"]), ["b", null, "a"])
    assert.deepStrictEqual(order(["a", "b", "a"]), [null, "b", "a"])
    assert.deepStrictEqual(order(["a", "a", null, null, "b", "b"]), ["a", null, "b"])
    assert.deepStrictEqual(order([null, "b", "b", "a", null, null]), ["b", "a", null])
  })

  it("forget the keys that were served longest ago when there are too many, and they come first again", () => {
    const turns = Turns.make()
    for (let index = 0; index <= 10_000; index++) turns.served(`${index}`)
    assert.strictEqual(turns.of("0"), 0)
    assert.isAbove(turns.of("1"), 0)
    assert.isAbove(turns.of("10000"), turns.of("1"))
  })
})
