/** Who is known to be alive. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { LiveWorkers } from "../../../src/domain/workers/LiveWorkers.ts"
import { ask, pass, settle, world } from "../support/world.ts"

const alive = Effect.flatMap(LiveWorkers, ({ forType }) =>
  Effect.map(forType("type"), ({ workers }) => workers.map(({ name }) => name))
)

describe("LiveWorkers", () => {
  it.effect("looks again when the clock was set back", () =>
    Effect.gen(function* () {
      yield* pass("1 hour")
      yield* ask({ worker: "one" }, "1 hour")
      yield* settle
      yield* pass("5 seconds")
      assert.deepStrictEqual(yield* alive, ["one"])
      yield* TestClock.setTime(Duration.toMillis("50 minutes"))
      yield* ask({ worker: "two" }, "1 hour")
      yield* settle
      yield* pass("5 seconds")
      assert.sameMembers(yield* alive, ["one", "two"])
    }).pipe(Effect.provide(world()))
  )
})
