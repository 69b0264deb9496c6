import { assert, describe, it } from "@effect/vitest"
import * as Histogram from "../../../src/domain/stats/Histogram.ts"

const of = (bounds: ReadonlyArray<number>, ...values: ReadonlyArray<number>) => {
  const histogram = Histogram.make(bounds)
  for (const value of values) Histogram.observe(histogram, value)
  return histogram
}

describe("a histogram", () => {
  it("counts a value in the first bucket whose bound it is not above", () => {
    const { counts, sum } = of([1, 2, 4], 0, 1, 1.5, 2, 4, 4.5, 100)
    assert.deepStrictEqual(counts, [2, 2, 1, 2])
    assert.strictEqual(sum, 113)
  })

  it("knows quantiles as if the values of a bucket were spread evenly over it", () => {
    const histogram = of([1, 2, 4], 1, 1, 3, 3)
    assert.strictEqual(Histogram.quantile(histogram, 0.25), 0.5)
    assert.strictEqual(Histogram.quantile(histogram, 0.5), 1)
    assert.strictEqual(Histogram.quantile(histogram, 0.75), 3)
    assert.strictEqual(Histogram.quantile(histogram, 1), 4)
  })

  it("says no more than that a value is above the last bound", () => {
    assert.strictEqual(Histogram.quantile(of([1, 2], 50, 60), 0.5), 2)
  })

  it("knows no quantile of nothing", () => {
    assert.isNull(Histogram.quantile(of([1]), 0.5))
  })
})

describe("recent values", () => {
  it("are those of the last one to two windows", () => {
    const recent = Histogram.makeRecent([10], 100)
    const sizeAt = (now: number) => Histogram.sizeOf(recent.read(now))
    recent.observe(1, 1_000)
    recent.observe(1, 1_099)
    assert.strictEqual(sizeAt(1_099), 2)
    recent.observe(1, 1_100)
    assert.strictEqual(sizeAt(1_199), 3)
    assert.strictEqual(sizeAt(1_200), 1)
    assert.strictEqual(sizeAt(1_300), 0)
  })

  it("are gone after a long silence", () => {
    const recent = Histogram.makeRecent([10], 100)
    recent.observe(1, 1_000)
    assert.strictEqual(Histogram.sizeOf(recent.read(1_200)), 0)
  })
})
