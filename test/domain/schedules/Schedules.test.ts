/** Jobs by the clock: fired by the duty at their ticks, in a pause not at all, and told of. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option, Stream } from "effect"
import { EventFeed } from "../../../src/domain/events/EventFeed.ts"
import {
  type NewSchedule,
  nextTickOf,
  type ScheduleRecord,
  toRules,
  toSchedule
} from "../../../src/domain/schedules/Schedule.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { Schedules } from "../../../src/domain/schedules/Schedules.ts"
import { DutiesLive } from "../../../src/server/Application.ts"
import { anybody, census, pass, world } from "../support/world.ts"

const withDuties = Layer.provideMerge(DutiesLive, world())

const put = (details: Partial<NewSchedule> = {}) =>
  Effect.flatMap(Schedules, (schedules) =>
    schedules.put("hourly", { cron: "0 * * * *", job: { type: "a" }, ...details }, anybody)
  )

/** What is told of schedules from now on, in short. */
const listen = Effect.gen(function* () {
  const feed = yield* EventFeed
  const told: Array<string> = []
  yield* Effect.forkChild(
    Stream.runForEach(feed.read({ event: "schedule.*" }, Option.none()), (page) =>
      Effect.sync(() => told.push(...page.map(({ data, event }) => `${event} ${data}`)))
    )
  )
  yield* pass(0)
  return () => told.filter((line) => line.startsWith("schedule."))
})

describe("the next tick of a schedule that is changed", () => {
  const at = (text: string) => DateTime.makeUnsafe(`2026-01-01T${text}:00Z`)
  const rules = toRules({ cron: "0 * * * *", job: { type: "a" } })
  const before: ScheduleRecord = {
    name: "hourly",
    rules,
    version: 1,
    nextTick: at("03:00"),
    lastTick: at("02:00"),
    lastJob: null,
    createdAt: at("00:00"),
    changedAt: at("00:00"),
    changedBy: null
  }
  const other = { ...rules, cron: "30 * * * *" }

  it.each([
    ["is owed as long as the times are the same", rules, before, "05:10", "03:00"],
    ["is after now if the times are others", other, before, "05:10", "05:30"],
    ["is after now if it was paused", rules, { ...before, nextTick: null }, "05:10", "06:00"],
    [
      "does not come twice when the clock was set back",
      rules,
      { ...before, nextTick: null },
      "00:10",
      "03:00"
    ],
    ["is after the last one, when the clock was set back", other, before, "00:10", "02:30"]
  ] as const)("%s", (_, then, was, now, expected) => {
    assert.deepStrictEqual(nextTickOf(then, was, at(now)), at(expected))
  })
})

describe("a schedule", () => {
  it.effect("creates a job at each tick and not before, and says so", () =>
    Effect.gen(function* () {
      const told = yield* listen
      yield* put()
      yield* pass(3_599_999)
      assert.deepStrictEqual(yield* census, {})
      yield* pass(1)
      assert.deepStrictEqual(yield* census, { pending: 1 })
      yield* pass("1 hour")
      assert.deepStrictEqual(yield* census, { pending: 2 })
      yield* pass("1 second")
      assert.strictEqual(told().length, 2)
      assert.include(told()[0], '"tick":"1970-01-01T01:00:00.000Z","late":false')
    }).pipe(Effect.provide(withDuties))
  )

  it.effect("skips a tick while its job is unfinished, and says why", () =>
    Effect.gen(function* () {
      const told = yield* listen
      yield* put({ overlap: "skip" })
      yield* pass("1 hour")
      yield* pass("1 hour")
      yield* pass("1 second")
      assert.deepStrictEqual(yield* census, { pending: 1 })
      assert.include(told()[1], '"reason":"overlap"')
    }).pipe(Effect.provide(withDuties))
  )

  it.effect("replaces its unfinished job", () =>
    Effect.gen(function* () {
      yield* put({ overlap: "replace" })
      yield* pass("1 hour")
      yield* pass("1 hour")
      assert.deepStrictEqual(yield* census, { cancelled: 1, pending: 1 })
    }).pipe(Effect.provide(withDuties))
  )

  it.effect("catches up no ticks of a pause", () =>
    Effect.gen(function* () {
      yield* put({ paused: true, catchUp: "all" })
      yield* pass("3 hours")
      yield* put({ catchUp: "all" })
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* census, {})
      yield* pass("1 hour")
      assert.deepStrictEqual(yield* census, { pending: 1 })
    }).pipe(Effect.provide(withDuties))
  )

  it.effect(
    "is left to other servers where its time zone is not known, and keeps no others from firing",
    () =>
      Effect.gen(function* () {
        const repo = yield* ScheduleRepo
        const schedules = yield* Schedules
        const { after } = yield* repo.change("martian", null, (_, now) => ({
          rules: toRules({ cron: "0 * * * *", timeZone: "Mars/Base", job: { type: "martian" } }),
          nextTick: now
        }))
        yield* put()
        yield* pass("2 hours")
        assert.deepStrictEqual(yield* census, { pending: 2 })
        assert.deepStrictEqual((yield* schedules.find("martian")).nextTick, after.nextTick)
        assert.deepStrictEqual(toSchedule(after).nextTicks, [after.createdAt])
        // Nothing of it is left to look at again and again.
        assert.deepStrictEqual((yield* schedules.step).next, Duration.hours(1))
      }).pipe(Effect.provide(withDuties))
  )

  it.effect("still owes its missed ticks when something else of it changes", () =>
    Effect.gen(function* () {
      yield* put({ catchUp: "all" })
      yield* pass("3 hours")
      yield* put({ catchUp: "all", job: { type: "b" } })
      const { step } = yield* Schedules
      yield* step
      assert.deepStrictEqual(yield* census, { pending: 3 })
    }).pipe(Effect.provide(world()))
  )
})
