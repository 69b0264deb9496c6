import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger, References } from "effect"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { retryForever } from "../../src/domain/retryForever.ts"
import { pass } from "./support/world.ts"

/** What is logged of a duty that fails three times, and then is done. */
const linesOf = (failure: unknown) => {
  const lines: Array<string> = []
  const capture = Logger.make(({ fiber, logLevel, message }) => {
    lines.push(
      `${logLevel}: ${String(message)} (${String(fiber.getRef(References.CurrentLogAnnotations)["duty"])})`
    )
  })
  let failures = 0
  const duty = Effect.suspend(() => {
    failures += 1
    return failures <= 3 ? Effect.die(failure) : Effect.succeed("done")
  })
  return Effect.gen(function* () {
    const retrying = yield* Effect.forkChild(retryForever("count beans", duty))
    yield* pass("10 seconds")
    assert.strictEqual(yield* Fiber.join(retrying), "done")
    return lines
  }).pipe(Effect.provideService(References.MinimumLogLevel, "Debug"), Effect.provide(Logger.layer([capture])))
}

describe("a duty that is tried until it is done", () => {
  it.effect("is logged at its first failure, and when it is done", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesOf(new Error("no beans")), [
        "Warn: duty failing, to be tried until it is done (count beans)",
        "Info: duty done after all (count beans)"
      ])
    })
  )

  it.effect(
    "is logged only for debugging when it waits for the store, of which that is said once for all",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* linesOf(new StoreUnavailable({ cause: "a test" })), [
          "Debug: duty failing, to be tried until it is done (count beans)",
          "Debug: duty done after all (count beans)"
        ])
      })
  )
})
