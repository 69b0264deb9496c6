import { assert, describe, it } from "@effect/vitest"
import * as EventRing from "../../../src/domain/events/EventRing.ts"

const entry = (data: string): EventRing.RingEntry => ({ subject: null, name: "job.created", data })

describe("the ring of events", () => {
  it("keeps the last of them, under increasing numbers", () => {
    const ring = EventRing.make()
    assert.deepStrictEqual([ring.first(), ring.next(), ring.at(1)], [1, 1, undefined])
    for (let number = 1; number <= EventRing.mostEvents; number++) ring.add(entry(String(number)))
    assert.deepStrictEqual([ring.first(), ring.next()], [1, EventRing.mostEvents + 1])
    assert.strictEqual(ring.at(1)?.data, "1")
    ring.add(entry("one more"))
    assert.deepStrictEqual([ring.first(), ring.at(1)], [2, undefined])
    assert.strictEqual(ring.at(EventRing.mostEvents + 1)?.data, "one more")
    assert.strictEqual(ring.at(EventRing.mostEvents + 2), undefined)
  })

  it("keeps no more characters than it may, however few the events", () => {
    const ring = EventRing.make()
    const half = "x".repeat(EventRing.mostCharacters / 2)
    ring.add(entry(half))
    ring.add(entry(half))
    assert.strictEqual(ring.first(), 1)
    ring.add(entry("x"))
    assert.deepStrictEqual([ring.first(), ring.next()], [2, 4])
    ring.add(entry(half))
    assert.deepStrictEqual([ring.first(), ring.next()], [3, 5])
  })

  it("leaves a gap in the numbers where it has forgotten", () => {
    const ring = EventRing.make()
    ring.add(entry("a"))
    ring.clear()
    assert.deepStrictEqual([ring.first(), ring.next(), ring.at(1), ring.at(2)], [3, 3, undefined, undefined])
    ring.add(entry("b"))
    assert.strictEqual(ring.at(3)?.data, "b")
  })
})
