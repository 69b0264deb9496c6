import { assert, describe, it } from "@effect/vitest"
import { make, mostInSecond, mostKinds } from "../../../src/server/logs/LogFlood.ts"

const times = <A>(count: number, run: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => run(index))

describe("a flood of lines", () => {
  it("is cut at so many in a second, and the rest is counted", () => {
    const flood = make()
    const admitted = times(mostInSecond + 7, () => flood.admits("lost", 1_000))
    assert.deepStrictEqual(admitted, [...times(mostInSecond, () => true), ...times(7, () => false)])
    assert.deepStrictEqual(flood.takeLeftOut(), { lost: 7 })
    assert.deepStrictEqual(flood.takeLeftOut(), {})
  })

  it("of one kind takes nothing from the others", () => {
    const flood = make()
    times(mostInSecond + 1, () => flood.admits("lost", 0))
    assert.isTrue(flood.admits("expired", 0))
    assert.deepStrictEqual(flood.takeLeftOut(), { lost: 1 })
  })

  it("is over with the second", () => {
    const flood = make()
    times(mostInSecond, () => flood.admits("lost", 1_000))
    assert.isFalse(flood.admits("lost", 1_999))
    assert.isTrue(flood.admits("lost", 2_000))
  })

  it("is not waited for when the clock was set back", () => {
    const flood = make()
    times(mostInSecond + 1, () => flood.admits("lost", 1_000_000))
    assert.isTrue(flood.admits("lost", 999_999))
  })

  it("of ever new kinds is one of one kind", () => {
    const flood = make()
    times(mostKinds, (index) => assert.isTrue(flood.admits(`kind ${index}`, 0)))
    const others = times(mostInSecond + 1, (index) => flood.admits(`new kind ${index}`, 0))
    assert.deepStrictEqual(
      others.filter((isAdmitted) => !isAdmitted),
      [false]
    )
    assert.deepStrictEqual(flood.takeLeftOut(), { others: 1 })
  })
})
