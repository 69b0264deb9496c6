import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { IdempotencyConflict } from "../../../src/domain/Errors.ts"
import { type Change, many, pass, world } from "../support/world.ts"

const submitAs = Effect.fnUntraced(function* (caller: string | undefined, key: string, type = "a") {
  const boss = yield* Boss
  const { isRepeated, jobs } = yield* boss.submit(
    [{ type }],
    anyone(Option.fromUndefinedOr(caller)),
    Option.some({ key, body: { type } })
  )
  return { isRepeated, id: jobs[0]?.id }
})

describe("Submitting together", () => {
  it.effect("stores no more jobs at once than a statement takes, however many come", () => {
    const batches: Array<number> = []
    const change: Change = (repo) => ({
      insert: (batch) => {
        batches.push(batch.flatMap(({ jobs }) => jobs).length)
        return repo.insert(batch)
      }
    })
    return Effect.gen(function* () {
      const boss = yield* Boss
      const submissions = Array.from({ length: 40 }, () => many(150, { type: "a" }))
      yield* Effect.forEach(submissions, (jobs) => boss.submit(jobs, anyone(Option.none()), Option.none()), {
        concurrency: "unbounded"
      })
      assert.strictEqual(
        batches.reduce((sum, size) => sum + size, 0),
        6_000
      )
      assert.isAtMost(Math.max(...batches), 1_149)
      assert.isAtMost(batches.length, 7)
    }).pipe(Effect.provide(world({ change })))
  })
})

describe("Submitting with an idempotency key", () => {
  it.effect("finds the jobs of an earlier request of the same caller", () =>
    Effect.gen(function* () {
      const original = yield* submitAs("team", "1")
      assert.isFalse(original.isRepeated)
      assert.deepStrictEqual(yield* submitAs("team", "1"), { isRepeated: true, id: original.id })
    }).pipe(Effect.provide(world()))
  )

  it.effect("keeps callers apart, however their names and keys are put together", () =>
    Effect.gen(function* () {
      const callers = [
        ["team", "x:1"],
        ["team:x", "1"],
        ["team", "x 1"],
        [undefined, "team x:1"],
        [undefined, "x:1"]
      ] as const
      const ids = new Set<unknown>()
      for (const [caller, key] of callers) ids.add((yield* submitAs(caller, key)).id)
      assert.strictEqual(ids.size, callers.length)
    }).pipe(Effect.provide(world()))
  )

  it.effect("refuses the key of another body, for 24 hours", () =>
    Effect.gen(function* () {
      yield* submitAs("team", "1", "a")
      yield* pass("86399999 millis")
      assert.instanceOf(yield* Effect.flip(submitAs("team", "1", "b")), IdempotencyConflict)
      yield* pass("1 millis")
      assert.isFalse((yield* submitAs("team", "1", "b")).isRepeated)
    }).pipe(Effect.provide(world()))
  )
})
