import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer, Logger, Schema } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { mostInSecond } from "../../../src/server/logs/LogFlood.ts"
import * as logLines from "../../../src/server/logs/logLines.ts"
import { layer, withoutFloods } from "../../../src/server/logs/Logs.ts"

/** What `logging` writes to standard error. */
const written = (logger: Logger.Logger<unknown, string>, logging: Effect.Effect<void>) =>
  Effect.gen(function* () {
    yield* Effect.provide(logging, Logger.layer([Logger.withConsoleError(logger)]))
    return yield* TestConsole.errorLines
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const lost = Effect.annotateLogs(Effect.logWarning("attempt lost"), { worker: "render 7", losses: 2 })

describe("a line for programs", () => {
  it.effect("is one JSON object with the fields beside the message", () =>
    Effect.gen(function* () {
      const [line] = yield* written(logLines.json, lost)
      assert.strictEqual(
        line,
        '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"attempt lost","worker":"render 7","losses":2}'
      )
    })
  )

  it.effect("has what caused it, in the same line", () =>
    Effect.gen(function* () {
      const cause = Cause.die(new Error("beans"))
      const [line] = yield* written(logLines.json, Effect.logError("a request failed", cause))
      const text = String(line)
      assert.notInclude(text, "\n")
      const { message, cause: told } = Schema.decodeUnknownSync(
        Schema.fromJsonString(Schema.Struct({ message: Schema.String, cause: Schema.String }))
      )(text)
      assert.strictEqual(message, "a request failed")
      assert.include(told, "Error: beans")
    })
  )
})

describe("a line for people", () => {
  it.effect("has the message first, and then the fields", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written(logLines.pretty(false), lost), [
        '1970-01-01T00:00:00.000Z WARN  attempt lost worker="render 7" losses=2'
      ])
    })
  )

  it.effect("is coloured if that is wanted, and else is not", () =>
    Effect.gen(function* () {
      const escape = "\u001B["
      assert.include(String(yield* written(logLines.pretty(true), lost)), escape)
      assert.notInclude(String(yield* written(logLines.pretty(false), lost)), escape)
    })
  )
})

describe("the log", () => {
  const lines = (logging: Effect.Effect<void>, logLevel: "Debug" | "Warn" | "None") =>
    Effect.gen(function* () {
      yield* Effect.provide(logging, layer({ logFormat: "json", logLevel }))
      return [(yield* TestConsole.errorLines).length, (yield* TestConsole.logLines).length]
    }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

  it.effect("has what is severe enough, on standard error", () =>
    Effect.gen(function* () {
      const logging = Effect.all([Effect.logDebug("a"), Effect.logInfo("b"), lost, Effect.logError("c")], {
        discard: true
      })
      assert.deepStrictEqual(yield* lines(logging, "Debug"), [4, 0])
      assert.deepStrictEqual(yield* lines(logging, "Warn"), [2, 0])
      assert.deepStrictEqual(yield* lines(logging, "None"), [0, 0])
    })
  )

  const flooded = (story: Effect.Effect<void>) => {
    const told: Array<string> = []
    const logger = Logger.map(logLines.pretty(false), (line) => {
      told.push(line.replace(/^\S+ \w+ +/, ""))
    })
    return Effect.as(Effect.provide(story, Logger.layer([withoutFloods(logger)])), told)
  }
  const many = Effect.repeat(lost, { times: mostInSecond + 30 - 1 })

  it.effect("says in one line what a flood has left out of it", () =>
    Effect.gen(function* () {
      const told = yield* flooded(
        Effect.gen(function* () {
          yield* many
          yield* TestClock.adjust("999 millis")
          yield* Effect.logInfo("still the same second")
          yield* TestClock.adjust("1 milli")
          yield* Effect.logInfo("the next second")
          yield* TestClock.adjust("1 hour")
        })
      )
      assert.deepStrictEqual(told.slice(mostInSecond), [
        "still the same second",
        'lines were left out leftOut="{\\"attempt lost\\":30}"',
        "the next second"
      ])
    })
  )

  it.effect("says so even when the server ends meanwhile", () =>
    Effect.gen(function* () {
      const told = yield* flooded(Effect.asVoid(many))
      assert.strictEqual(told.length, mostInSecond + 1)
      assert.include(told.at(-1), '{\\"attempt lost\\":30}')
    })
  )
})
