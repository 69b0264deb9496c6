import { assert, it } from "@effect/vitest"
import { formatTime, timeOf } from "../../src/domain/RecentTimes.ts"

const noon = Date.UTC(2030, 2, 4, 12)

it("tells each time and its text, whatever was asked for before", () => {
  // Among them some that are remembered in the same place, and some before the epoch.
  const all = [0, 1, 256, noon, noon + 256, noon + 1, -1, -256, Date.UTC(1969, 1, 1), noon]
  for (const millis of [...all, ...all.toReversed(), ...all]) {
    assert.strictEqual(timeOf(millis).epochMilliseconds, millis)
    assert.strictEqual(formatTime(timeOf(millis)), new Date(millis).toISOString())
  }
})

it("gives the same time again", () => {
  assert.strictEqual(timeOf(noon), timeOf(noon))
})
