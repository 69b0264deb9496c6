import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option, Schema } from "effect"
import { Timestamp } from "../../src/domain/Timestamp.ts"

const read = (text: string): string | null =>
  Option.getOrNull(Option.map(Schema.decodeOption(Timestamp)(text), DateTime.formatIso))

describe("a time as it is written", () => {
  it.each([
    ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000Z"],
    ["2030-01-31t12:00:00.5z", "2030-01-31T12:00:00.500Z"],
    ["2030-01-31 12:00:00+02:00", "2030-01-31T10:00:00.000Z"],
    ["2030-01-31T23:59:59.999999999-00:30", "2030-02-01T00:29:59.999Z"],
    ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"]
  ])("%s is understood", (text, time) => {
    assert.strictEqual(read(text), time)
  })

  it.each([
    "2030-01-31",
    "2030-01-31T12:00:00",
    "2030-01-31T24:00:00Z",
    "2030-01-31T12:60:00Z",
    "2030-01-31T12:00:60Z",
    "2030-02-30T12:00:00Z",
    "2030-13-01T12:00:00Z",
    "9999-12-31T23:30:00-01:00"
  ])("%s is refused", (text) => {
    assert.isNull(read(text))
  })
})
