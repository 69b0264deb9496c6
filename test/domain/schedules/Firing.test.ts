import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { decide, ticksAtOnce } from "../../../src/domain/schedules/Firing.ts"
import type { ScheduleRules } from "../../../src/domain/schedules/Schedule.ts"

const rulesOf = (details: Partial<ScheduleRules> = {}): ScheduleRules => ({
  cron: "0 * * * *",
  timeZone: "UTC",
  job: { type: "type" },
  overlap: "allow",
  catchUp: "none",
  paused: false,
  ...details
})

const at = (text: string) => DateTime.makeUnsafe(`2026-01-01T${text}Z`)
const text = (time: DateTime.Utc) => DateTime.formatIso(time).slice(11, 16)

interface Case {
  readonly what: string
  readonly rules?: Partial<ScheduleRules>
  readonly now: string
  readonly hasUnfinished?: boolean
  readonly fired: ReadonlyArray<string>
  readonly passedOver?: ReadonlyArray<string>
  readonly next: string
}

/** The first tick that is owed is always that of 01:00. */
const cases: ReadonlyArray<Case> = [
  { what: "a tick in time", now: "01:00:00", fired: ["01:00"], next: "02:00" },
  { what: "a tick within a minute", now: "01:01:00", fired: ["01:00"], next: "02:00" },
  {
    what: "none: a missed tick",
    now: "01:01:00.001",
    fired: [],
    passedOver: ["01:00-01:00 missed"],
    next: "02:00"
  },
  {
    what: "none: missed ticks and one in time",
    now: "05:00:30",
    fired: ["05:00"],
    passedOver: ["01:00-04:00 missed"],
    next: "06:00"
  },
  {
    what: "none: missed ticks, and one that is just not missed",
    now: "03:01:00",
    fired: ["03:00"],
    passedOver: ["01:00-02:00 missed"],
    next: "04:00"
  },
  {
    what: "last: one missed tick",
    rules: { catchUp: "last" },
    now: "01:30:00",
    fired: ["01:00 late"],
    next: "02:00"
  },
  {
    what: "last: many missed ticks and one in time",
    rules: { catchUp: "last" },
    now: "05:00:30",
    fired: ["04:00 late", "05:00"],
    passedOver: ["01:00-03:00 missed"],
    next: "06:00"
  },
  {
    what: "all: missed ticks",
    rules: { catchUp: "all" },
    now: "03:30:00",
    fired: ["01:00 late", "02:00 late", "03:00 late"],
    next: "04:00"
  },
  {
    what: "skip: an unfinished job is in the way",
    rules: { overlap: "skip" },
    now: "01:00:00",
    hasUnfinished: true,
    fired: [],
    passedOver: ["01:00-01:00 overlap"],
    next: "02:00"
  },
  {
    what: "skip: no unfinished job",
    rules: { overlap: "skip", catchUp: "all" },
    now: "03:30:00",
    fired: ["01:00 late"],
    passedOver: ["02:00-03:00 overlap"],
    next: "04:00"
  },
  {
    what: "replace: of many only the last",
    rules: { overlap: "replace", catchUp: "all" },
    now: "03:30:00",
    hasUnfinished: true,
    fired: ["03:00 late"],
    passedOver: ["01:00-02:00 overlap"],
    next: "04:00"
  }
]

describe("ticks that have come", () => {
  it.each(cases)("$what", ({ fired, hasUnfinished = false, next, now, passedOver = [], rules = {} }) => {
    const decision = decide(rulesOf(rules), at("01:00:00"), at(now), hasUnfinished)
    assert.deepStrictEqual(
      decision.fired.map(({ late, tick }) => `${text(tick)}${late ? " late" : ""}`),
      fired
    )
    assert.deepStrictEqual(
      decision.passedOver.map(({ from, reason, until }) => `${text(from)}-${text(until)} ${reason}`),
      passedOver
    )
    assert.strictEqual(text(decision.nextTick), next)
  })

  // As when the zone moves its clock by other rules than were known when the tick was set.
  const elsewhen = { cron: "30 0,4 * * *" }
  it.each<readonly [ScheduleRules["catchUp"], string, ReadonlyArray<string>, ReadonlyArray<string>, string]>([
    ["none", "01:30", [], ["01:00-01:00"], "04:30"],
    ["last", "01:30", ["01:00"], [], "04:30"],
    ["last", "04:32", ["04:30"], ["01:00-01:00"], "00:30"]
  ])("of which one is no tick any more, by catchUp %s at %s", (catchUp, now, fired, passedOver, next) => {
    const decision = decide(rulesOf({ ...elsewhen, catchUp }), at("01:00:00"), at(`${now}:00`), false)
    assert.deepStrictEqual(
      [
        decision.fired.map(({ tick }) => text(tick)),
        decision.passedOver.map(({ from, until }) => `${text(from)}-${text(until)}`),
        text(decision.nextTick)
      ],
      [fired, passedOver, next]
    )
  })

  it("were the last ones to be seen to, though they were missed", () => {
    const { lastTick } = decide(rulesOf(), at("01:00:00"), at("03:30:00"), false)
    assert.strictEqual(text(lastTick), "03:00")
  })

  it("are seen to in bounded steps, and none is left out", () => {
    const rules = rulesOf({ cron: "* * * * *", catchUp: "all" })
    const now = at("02:00:00")
    const fired: Array<string> = []
    let tick = at("01:00:00")
    while (DateTime.isLessThanOrEqualTo(tick, now)) {
      const decision = decide(rules, tick, now, false)
      assert.isAtMost(decision.fired.length, ticksAtOnce)
      fired.push(...decision.fired.map((one) => text(one.tick)))
      tick = decision.nextTick
    }
    assert.strictEqual(fired.length, 61)
    assert.strictEqual(new Set(fired).size, 61)
  })
})
