/** Who is known to be alive. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { mostLooked } from "../../../src/domain/explaining/Ability.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { LiveWorkers } from "../../../src/domain/workers/LiveWorkers.ts"
import { ask, pass, settle, world } from "../support/world.ts"

const alive = Effect.flatMap(LiveWorkers, ({ forType }) =>
  Effect.map(forType("type"), ({ workers }) => workers.map(({ name }) => name))
)

describe("LiveWorkers", () => {
  it.effect("looks at a thousand of them at most, and says whether these are all", () =>
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const { forType } = yield* LiveWorkers
      const see = (count: number) =>
        repo.see(Array.from({ length: count }, (_, index) => ({ worker: `w${index}`, suitability: null })))
      yield* see(mostLooked)
      const all = yield* forType("type")
      assert.deepStrictEqual([all.workers.length, all.areAll], [1_000, true])
      yield* see(mostLooked + 1)
      yield* pass("1 second")
      const first = yield* forType("type")
      assert.deepStrictEqual([first.workers.length, first.areAll], [1_000, false])
    }).pipe(Effect.provide(world()))
  )

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
