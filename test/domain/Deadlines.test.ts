import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { Deadlines } from "../../src/domain/Deadlines.ts"
import { makeWallClock } from "./support/wallClock.ts"
import { settle } from "./support/world.ts"

/** Sets deadlines, each by the seconds that remain, and hears in which order they pass. */
const makeDeadlines = Effect.gen(function* () {
  const deadlines = yield* Deadlines
  const passed: Array<number> = []
  const set = (seconds: number) =>
    Effect.map(settle, () => deadlines.set(Duration.seconds(seconds), () => passed.push(seconds)))
  return { passed, set }
})

/** To the last millisecond before it. */
const almost = (seconds: number) => Duration.millis(seconds * 1_000 - 1)

describe("Deadlines", () => {
  it.effect("pass at their time, each once, whatever the order in which they were set", () =>
    Effect.gen(function* () {
      const { passed, set } = yield* makeDeadlines
      yield* set(5)
      yield* set(2)
      yield* set(9)
      yield* TestClock.adjust(almost(2))
      assert.deepStrictEqual(passed, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(passed, [2])
      yield* TestClock.adjust(almost(3))
      assert.deepStrictEqual(passed, [2])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(passed, [2, 5])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(passed, [2, 5, 9])
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("do not pass when they were called off", () =>
    Effect.gen(function* () {
      const { passed, set } = yield* makeDeadlines
      const callOff = yield* set(1)
      yield* set(3)
      callOff()
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(passed, [])
      callOff()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(passed, [3])
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("pass whatever is done at another one", () =>
    Effect.gen(function* () {
      const { passed, set } = yield* makeDeadlines
      const deadlines = yield* Deadlines
      deadlines.set(Duration.seconds(1), () => {
        throw new Error("a test")
      })
      yield* set(1)
      yield* set(2)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(passed, [1, 2])
    }).pipe(Effect.provide(Deadlines.layer), Effect.provide(Logger.layer([])))
  )

  it.effect("do not move with the time of day", () =>
    Effect.gen(function* () {
      const wall = yield* makeWallClock
      yield* Effect.gen(function* () {
        const { passed, set } = yield* makeDeadlines
        yield* set(2)
        yield* TestClock.adjust("1 second")
        wall.setBack("1 hour")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(passed, [2])
      }).pipe(Effect.provide(Layer.provide(Deadlines.layer, Layer.succeed(Clock.Clock, wall.clock))))
    })
  )

  it.effect("can be set again after all have passed, and when one passes", () =>
    Effect.gen(function* () {
      const { passed, set } = yield* makeDeadlines
      const deadlines = yield* Deadlines
      yield* set(1)
      yield* TestClock.adjust("1 second")
      deadlines.set(Duration.seconds(1), () => {
        passed.push(2)
        deadlines.set(Duration.seconds(1), () => passed.push(3))
      })
      yield* settle
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(passed, [1, 2])
      yield* settle
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(passed, [1, 2, 3])
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
