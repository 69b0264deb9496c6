/** Simulated time: it goes by, ends where nothing goes on, and is seen to stand still. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { inJobs } from "./bugs/Bug.ts"
import { Loop } from "./Loop.ts"
import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"

const never = () => false

/** Does nothing again and again, for ever. */
const spinning = Effect.forever(Effect.yieldNow)

describe("simulated time", () => {
  it("goes to whoever sleeps, however long and however many", () => {
    const loop = new Loop(0)
    const sleeping = Effect.forEach(Array.from({ length: 20_000 }), () => Effect.sleep(1_000), {
      concurrency: "unbounded",
      discard: true
    })
    const short = Effect.repeat(Effect.sleep(1), { times: 20_000 })
    const exit = loop.run(Effect.andThen(sleeping, short), never)
    assert.deepStrictEqual([exit !== undefined && Exit.isSuccess(exit), loop.elapsed()], [true, 21_001])
  })

  it("ends where nothing goes on", () => {
    const loop = new Loop(0)
    assert.isUndefined(loop.run(Effect.never, never))
    assert.strictEqual(loop.impasse(), "nothing goes on any more")
  })

  it("is seen to stand still where somebody never rests", () => {
    const loop = new Loop(0)
    assert.isUndefined(loop.run(Effect.andThen(Effect.sleep(1_500), spinning), never))
    assert.strictEqual(loop.impasse(), "time stands still after 1.5 s: what goes on never rests")
    assert.isAbove(loop.settle(), 0)
  })
})

it("has a run fail in which time stands still", () => {
  const { violation } = simulate(draw("1"), { wrapping: inJobs(() => ({ insert: () => spinning })) })
  assert.strictEqual(violation?.checker, "the run itself")
  assert.match(violation?.text ?? "", /^time stands still after [\d.]+ s/)
})
