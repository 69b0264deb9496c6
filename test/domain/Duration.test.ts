import { assert, describe, it } from "@effect/vitest"
import { Duration, Option, Schema } from "effect"
import {
  DurationText,
  formatDuration,
  longestMillis,
  PositiveDurationText
} from "../../src/domain/Duration.ts"

const read = (schema: typeof DurationText, input: unknown): number | undefined =>
  Schema.decodeUnknownOption(schema)(input).pipe(Option.map(Duration.toMillis), Option.getOrUndefined)

describe("DurationText", () => {
  it.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["0s", 0],
    ["007ms", 7],
    [0, 0],
    [1_500, 1_500],
    ["3650d", longestMillis],
    ["315360000000ms", longestMillis],
    [longestMillis, longestMillis]
  ])("accepts %j", (input, millis) => assert.strictEqual(read(DurationText, input), millis))

  it.each([
    "",
    "5",
    "s",
    "5 s",
    " 5s",
    "5s\n",
    "5S",
    "1.5s",
    "-5s",
    "+5s",
    "1e3ms",
    "5m30s",
    "5w",
    "5toString",
    "٣s",
    "3651d",
    "315360000001ms",
    "9999999999999999ms",
    -1,
    1.5,
    longestMillis + 1,
    NaN,
    Infinity,
    null,
    true,
    ["5s"],
    {}
  ])("refuses %j", (input) => assert.strictEqual(read(DurationText, input), undefined))

  it("says how to write one", () => {
    const result = Schema.decodeUnknownResult(DurationText)("soon")
    assert.strictEqual(result._tag, "Failure")
    assert.match(String(result), /must be a duration from 0 to 3650d/)
  })
})

describe("PositiveDurationText", () => {
  it("asks for a millisecond at least", () => {
    assert.strictEqual(read(PositiveDurationText, "0ms"), undefined)
    assert.strictEqual(read(PositiveDurationText, 0), undefined)
    assert.strictEqual(read(PositiveDurationText, "1ms"), 1)
  })
})

describe("formatDuration", () => {
  it.each([
    [0, "0ms"],
    [1, "1ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [1_001, "1001ms"],
    [60_000, "60s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [3_600_000, "1h"],
    [5_400_000, "90m"],
    [86_400_000, "1d"],
    [90_000_000, "25h"],
    [longestMillis, "3650d"]
  ])("writes %d ms as %s", (millis, text) =>
    assert.strictEqual(formatDuration(Duration.millis(millis)), text)
  )

  const anyMillis = Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longestMillis })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
  ])
  it.prop(
    "is read as what was written",
    { millis: anyMillis, unit: Schema.Literals([1, 1_000, 60_000]) },
    ({ millis, unit }) => {
      const length = Math.min(millis * unit, longestMillis)
      assert.strictEqual(read(DurationText, formatDuration(Duration.millis(length))), length)
    }
  )
})
