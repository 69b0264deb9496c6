import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import { Cron, DateTime, Schema } from "effect"
import { faultOf, ticksAfter, ticksOf } from "../../../src/domain/schedules/Ticks.ts"

const time = (text: string) => DateTime.makeUnsafe(text)
const texts = (ticks: ReadonlyArray<DateTime.Utc>) =>
  ticks.map((tick) => DateTime.formatIso(tick).slice(5, 16))

interface Case {
  readonly what: string
  readonly timeZone: string
  readonly cron: string
  readonly after: string
  readonly ticks: ReadonlyArray<string>
}

// The clock goes from 02:00 to 03:00 at 2026-03-29T01:00Z in Berlin, and back at 2026-10-25T01:00Z; in New York from 02:00 to
// 03:00 at 2026-03-08T07:00Z, and back at 2026-11-01T06:00Z; on Lord Howe Island from 02:00 to 02:30 at 2026-10-03T15:30Z,
// and back at 2026-04-04T15:00Z.
const cases: ReadonlyArray<Case> = [
  {
    what: "a time that is skipped fires right after the gap",
    timeZone: "Europe/Berlin",
    cron: "30 2 * * *",
    after: "2026-03-28T12:00:00Z",
    ticks: ["03-29T01:00", "03-30T00:30"]
  },
  {
    what: "the first time that is skipped does, too",
    timeZone: "Europe/Berlin",
    cron: "0 2 * * *",
    after: "2026-03-28T12:00:00Z",
    ticks: ["03-29T01:00", "03-30T00:00"]
  },
  {
    what: "all times that are skipped are one tick",
    timeZone: "Europe/Berlin",
    cron: "*/20 * * * *",
    after: "2026-03-29T00:30:00Z",
    ticks: ["03-29T00:40", "03-29T01:00", "03-29T01:20"]
  },
  {
    what: "a time that is repeated fires the first time only",
    timeZone: "Europe/Berlin",
    cron: "30 2 * * *",
    after: "2026-10-24T12:00:00Z",
    ticks: ["10-25T00:30", "10-26T01:30"]
  },
  {
    what: "nothing fires while times are repeated",
    timeZone: "Europe/Berlin",
    cron: "*/20 * * * *",
    after: "2026-10-25T00:30:00Z",
    ticks: ["10-25T00:40", "10-25T02:00", "10-25T02:20"]
  },
  {
    what: "also when asked in the middle of it",
    timeZone: "Europe/Berlin",
    cron: "*/20 * * * *",
    after: "2026-10-25T01:10:00Z",
    ticks: ["10-25T02:00", "10-25T02:20"]
  },
  {
    what: "a time that is skipped",
    timeZone: "America/New_York",
    cron: "30 2 * * *",
    after: "2026-03-07T12:00:00Z",
    ticks: ["03-08T07:00", "03-09T06:30"]
  },
  {
    what: "a time that is repeated",
    timeZone: "America/New_York",
    cron: "30 1 * * *",
    after: "2026-10-31T12:00:00Z",
    ticks: ["11-01T05:30", "11-02T06:30"]
  },
  {
    what: "all times that are skipped are one tick",
    timeZone: "America/New_York",
    cron: "*/20 * * * *",
    after: "2026-03-08T06:30:00Z",
    ticks: ["03-08T06:40", "03-08T07:00", "03-08T07:20"]
  },
  {
    what: "nothing fires while times are repeated",
    timeZone: "America/New_York",
    cron: "*/20 * * * *",
    after: "2026-11-01T05:30:00Z",
    ticks: ["11-01T05:40", "11-01T07:00", "11-01T07:20"]
  },
  {
    what: "every ten minutes around half an hour that is skipped",
    timeZone: "Australia/Lord_Howe",
    cron: "*/10 * * * *",
    after: "2026-10-03T15:15:00Z",
    ticks: ["10-03T15:20", "10-03T15:30", "10-03T15:40"]
  },
  {
    what: "half an hour that is skipped",
    timeZone: "Australia/Lord_Howe",
    cron: "15 2 * * *",
    after: "2026-10-03T00:00:00Z",
    ticks: ["10-03T15:30", "10-04T15:15"]
  },
  {
    what: "half an hour that is repeated",
    timeZone: "Australia/Lord_Howe",
    cron: "45 1 * * *",
    after: "2026-04-04T00:00:00Z",
    ticks: ["04-04T14:45", "04-05T15:15"]
  },
  {
    what: "every ten minutes around half an hour that is repeated",
    timeZone: "Australia/Lord_Howe",
    cron: "*/10 * * * *",
    after: "2026-04-04T14:45:00Z",
    ticks: ["04-04T14:50", "04-04T15:30", "04-04T15:40"]
  },
  {
    what: "a whole day that is skipped",
    timeZone: "Pacific/Apia",
    cron: "0 12 * * *",
    after: "2011-12-29T12:00:00Z",
    ticks: ["12-29T22:00", "12-30T10:00", "12-30T22:00"]
  },
  {
    what: "a zone without daylight saving",
    timeZone: "UTC",
    cron: "30 2 * * *",
    after: "2026-03-28T12:00:00Z",
    ticks: ["03-29T02:30", "03-30T02:30"]
  },
  {
    what: "a day that only leap years have",
    timeZone: "UTC",
    cron: "0 0 29 2 *",
    after: "2026-03-28T12:00:00Z",
    ticks: ["02-29T00:00", "02-29T00:00"]
  }
]

const minute = 60_000

/** Minutes around both moves of the clock in each zone. */
const periods = [
  ["Europe/Berlin", "2026-03-28T12:00:00Z"],
  ["Europe/Berlin", "2026-10-24T12:00:00Z"],
  ["America/New_York", "2026-03-07T18:00:00Z"],
  ["America/New_York", "2026-10-31T18:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T03:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T03:00:00Z"]
] as const
const minutesOfPeriod = 36 * 60

/**
 * What must fire within a period, found the long way: by looking at the clock in every minute, and firing once for each time
 * that fits, when it is shown first, or for all that were passed by when the clock moved on.
 */
const lookAtTheClock = (cron: string, timeZone: string, start: DateTime.Utc): ReadonlyArray<number> => {
  const times = Cron.parseUnsafe(cron, "UTC")
  const zone = DateTime.zoneMakeNamedUnsafe(timeZone)
  const found: Array<number> = []
  let shown: number | null = null
  for (let index = 0; index <= minutesOfPeriod; index++) {
    const instant = start.epochMilliseconds + index * minute
    const wall = instant + DateTime.zonedOffset(DateTime.makeZonedUnsafe(instant, { timeZone: zone }))
    let fits = false
    for (let at = (shown ?? wall - minute) + minute; at <= wall; at += minute) {
      fits ||= Cron.match(times, DateTime.makeUnsafe(at))
    }
    if (fits) found.push(instant)
    shown = Math.max(shown ?? wall, wall)
  }
  return found
}

const minuteOf = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 59 }))
const hourOf = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))
const step = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))

describe("ticks", () => {
  it.each(cases)("$timeZone: $what", ({ after, cron, ticks, timeZone }) => {
    assert.deepStrictEqual(texts(ticksAfter({ cron, timeZone }, time(after), ticks.length)), ticks)
  })

  it.prop(
    "are those of somebody who looks at the clock",
    {
      minutes: Arbitrary.schema(Schema.Union([minuteOf, Schema.Struct({ every: step })])),
      hours: Arbitrary.schema(Schema.Union([hourOf, Schema.Literal("*")])),
      period: Arbitrary.schema(Schema.Literals([0, 1, 2, 3, 4, 5]))
    },
    ({ hours, minutes, period }) => {
      const cron = `${typeof minutes === "number" ? minutes : `*/${minutes.every}`} ${hours} * * *`
      const [timeZone, from] = periods[period]
      const start = time(from)
      const { last, next } = ticksOf({ cron, timeZone })
      const expected = lookAtTheClock(cron, timeZone, start)
      const end = start.epochMilliseconds + minutesOfPeriod * minute
      const found: Array<number> = []
      let tick = next(DateTime.makeUnsafe(start.epochMilliseconds - 1))
      while (tick.epochMilliseconds <= end) {
        found.push(tick.epochMilliseconds)
        tick = next(tick)
      }
      assert.deepStrictEqual(found, expected)
      // From anywhere, the next and the last tick are the neighbours.
      for (let index = 1; index < minutesOfPeriod; index += 7) {
        const now = start.epochMilliseconds + index * minute + (index % 3) - 1
        const before = expected.findLast((one) => one <= now)
        const after = expected.find((one) => one > now)
        if (before !== undefined) assert.strictEqual(last(DateTime.makeUnsafe(now)).epochMilliseconds, before)
        if (after !== undefined) assert.strictEqual(next(DateTime.makeUnsafe(now)).epochMilliseconds, after)
      }
    },
    { arbitrary: { runs: 20 } }
  )

  it.each(periods)("come one after another over years in %s", (timeZone, from) => {
    const ticks = ticksAfter({ cron: "15 1,2 * * *", timeZone }, time(from), 2 * 365 * 4)
    for (const [index, tick] of ticks.entries()) {
      const before = ticks[index - 1]
      if (before === undefined) continue
      const hours = (tick.epochMilliseconds - before.epochMilliseconds) / (60 * minute)
      assert.isAbove(hours, 0)
      assert.isAtMost(hours, 24)
    }
  })

  it("may come every second", () => {
    const ticks = ticksAfter({ cron: "* * * * * *", timeZone: "UTC" }, time("2026-01-01T00:00:00.500Z"), 2)
    assert.deepStrictEqual(
      ticks.map((tick) => DateTime.formatIso(tick)),
      ["2026-01-01T00:00:01.000Z", "2026-01-01T00:00:02.000Z"]
    )
  })
})

describe("a cron expression", () => {
  it.each(["* * * * *", "*/5 0-6 1,15 jan-mar mon", "0 30 4 * * 1-5", "0 0 29 2 *"])("%s is well", (cron) => {
    assert.isNull(faultOf(cron))
  })
  it.each([
    ["", "must be minute"],
    ["* * * *", "must be minute"],
    ["60 * * * *", "between 0 and 59"],
    ["@daily", "must be minute"],
    ["* * * * * * *", "must be minute"],
    ["0 0 30 2 *", "no such day"],
    ["0 0 31 4,6 *", "no such day"]
  ])("%s is not", (cron, fault) => {
    assert.include(faultOf(cron), fault)
  })
})
