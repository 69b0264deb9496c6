import { assert, it } from "@effect/vitest"
import * as Histogram from "../../../src/domain/stats/Histogram.ts"
import { family, histograms, page } from "../../../src/server/http/Exposition.ts"
import { parse } from "../../support/prometheus.ts"

it("writes families as they are specified", () => {
  const histogram = Histogram.make([0.5, 2])
  for (const value of [0.25, 1, 1, 8]) Histogram.observe(histogram, value)
  assert.strictEqual(
    page([
      family("gauge", "one", "A value.", [[{}, 1.5]]),
      family("counter", "two_total", "Two\nlines.", [
        [{ a: "b", c: "d" }, 1],
        [{ a: "x", c: "y" }, 2]
      ]),
      histograms("three_seconds", "Three.", [[{ a: "b" }, histogram]])
    ]),
    `# HELP one A value.
# TYPE one gauge
one 1.5
# HELP two_total Two\\nlines.
# TYPE two_total counter
two_total{a="b",c="d"} 1
two_total{a="x",c="y"} 2
# HELP three_seconds Three.
# TYPE three_seconds histogram
three_seconds_bucket{a="b",le="0.5"} 1
three_seconds_bucket{a="b",le="2"} 3
three_seconds_bucket{a="b",le="+Inf"} 4
three_seconds_sum{a="b"} 10.25
three_seconds_count{a="b"} 4
`
  )
})

it("writes any label so that it can be read again", () => {
  const value = 'back\\slash "quote"\nline \\n'
  const [metric] =
    parse(page([family("gauge", "one", "One.", [[{ a: value }, 1]])])).get("one")?.metrics ?? []
  assert.deepStrictEqual(metric?.labels, { a: value })
})
