/**
 * The store in memory and that in PostgreSQL take the same steps side by side, at random, and must give the same answers
 * and end in the same state. A failure names its seed and the few steps of it that fail: with `DIFFERENTIAL_SEED=<seed>` it
 * is taken again, alone, and with `DIFFERENTIAL_STEPS=3,7` only these steps of it. `DIFFERENTIAL_SEQUENCES=10000` takes so
 * many.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Array as Arr, Effect, Layer } from "effect"
import * as Migrations from "../../src/server/postgres/Migrations.ts"
import type { Wrapping } from "../simulation/Servers.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { plantedDifferences } from "./differential/plantedDifferences.ts"
import { allSteps, Difference, fewestSteps, takeSteps } from "./differential/sequence.ts"
import { shrink } from "./differential/shrink.ts"
import { everyKind } from "./differential/steps.ts"

const wanted = process.env["DIFFERENTIAL_SEQUENCES"]
/** Enough for every kind of step to have something to do at some time. */
const enough = 120
const sequences = Number(wanted ?? enough)
/** Many are others each time. Those that are few are the same, so that they say something of the change at hand. */
const series = wanted === undefined ? "short" : String(Date.now())
const Database = Layer.effectDiscard(Migrations.migrate).pipe(Layer.provideMerge(newDatabaseLayer))

const seedsOf = (name: string, count: number) => Arr.makeBy(count, (index) => `${name}-${index}`)

/** In so many sequences each difference must be found that is planted. */
const sequencesToFind = 40
/** The most tries to make a failure shorter. */
const triesToShrink = 200

/** Takes steps of a sequence. If they lead to a difference, the fewest that do so are told, and fail. */
const runSequence = Effect.fnUntraced(function* (seed: string, numbers: ReadonlyArray<number>) {
  const take = (fewer: ReadonlyArray<number>) => takeSteps(seed, fewer)
  return yield* Effect.catchTag(
    take(numbers),
    "Difference",
    Effect.fnUntraced(function* (difference) {
      const fewest = yield* fewestSteps(take, numbers, difference, triesToShrink)
      yield* Effect.logError(`failed: DIFFERENTIAL_SEED=${seed} DIFFERENTIAL_STEPS=${fewest.join()}`)
      const again = yield* Effect.flip(take(fewest))
      return yield* Effect.die(again instanceof Difference ? again.cause : again)
    })
  )
})

/** How the store in memory with something else in it is first found to differ: in the sequences that are always the same. */
const firstDifference = Effect.fnUntraced(function* (wrapping: Wrapping) {
  for (const seed of seedsOf("short", sequencesToFind)) {
    const found = yield* takeSteps(seed, allSteps, wrapping).pipe(
      Effect.as(null),
      Effect.catchTag("Difference", (difference) => Effect.succeed(difference))
    )
    if (found !== null) return found
  }
  return null
})

layer(Database, { excludeTestServices: true })("the stores", (it) => {
  it.effect(
    "give the same answers to the same steps, and end in the same state",
    () =>
      Effect.gen(function* () {
        const again = process.env["DIFFERENTIAL_SEED"]
        const only = process.env["DIFFERENTIAL_STEPS"]?.split(",").map(Number)
        if (again !== undefined) return void (yield* runSequence(again, only ?? allSteps))
        const fruitful = yield* Effect.forEach(seedsOf(series, sequences), (seed) =>
          runSequence(seed, allSteps)
        )
        if (sequences < enough) return
        const done = new Set(fruitful.flat())
        assert.deepStrictEqual(
          everyKind.filter((kind) => !done.has(kind)),
          [],
          "kinds of steps that never did anything"
        )
      }),
    180_000 + 1_000 * sequences
  )

  it.effect.each(plantedDifferences)("are found to differ in $name", ({ seenIn, wrapping }) =>
    Effect.gen(function* () {
      const found = yield* firstDifference(wrapping)
      assert.include(seenIn, found?.where ?? "nowhere")
    })
  )
})

describe("what fails is made shorter", () => {
  const fails = (list: ReadonlyArray<number>) => list.includes(7) && list.includes(23)

  it.effect("to what makes it fail", () =>
    Effect.gen(function* () {
      const fewest = yield* shrink(allSteps, (list) => Effect.succeed(fails(list)), triesToShrink)
      assert.deepStrictEqual(fewest, [7, 23])
    })
  )

  it.effect("in no more tries than are given", () =>
    Effect.gen(function* () {
      assert.isTrue(fails(yield* shrink(allSteps, (list) => Effect.succeed(fails(list)), 3)))
    })
  )

  it.effect("and fails as it did, not in another way", () =>
    Effect.gen(function* () {
      const difference = (where: string) => new Difference({ where, cause: where })
      const take = (list: ReadonlyArray<number>) =>
        fails(list) ? difference("end") : list.includes(3) ? difference("claim") : Effect.void
      assert.deepStrictEqual(yield* fewestSteps(take, allSteps, difference("end"), triesToShrink), [7, 23])
    })
  )
})
