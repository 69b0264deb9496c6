/**
 * The store in memory and that in PostgreSQL take the same steps side by side, at random, and must give the same answers
 * and end in the same state. A failure names its seed and the few steps of it that fail: with `DIFFERENTIAL_SEED=<seed>` it
 * is taken again, alone, and with `DIFFERENTIAL_STEPS=3,7` only these steps of it. `DIFFERENTIAL_SEQUENCES=10000` takes so
 * many.
 */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Exit, Schema } from "effect"
import { rowsOf } from "../../src/server/postgres/Database.ts"
import * as Migrations from "../../src/server/postgres/Migrations.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { makeDice } from "./Dice.ts"
import { shrink } from "./differential/shrink.ts"
import { memory, postgres, World } from "./differential/Side.ts"
import { stateOf } from "./differential/stateOf.ts"
import { makeStep, subjects } from "./differential/steps.ts"

const wanted = process.env["DIFFERENTIAL_SEQUENCES"]
const sequences = Number(wanted ?? 90)
/** Many are others each time. Those that are few are the same, so that they say something of the change at hand. */
const series = wanted === undefined ? "short" : String(Date.now())
const allSteps = Arr.range(1, 30)
/** The most tries to make a failure shorter. */
const triesToShrink = 200

/** What is kept from one sequence to the next: groups, which are never deleted, and what belongs to the database itself. */
const keptTables = ["job_group", "duty_mark", "lazyboss_migration", "job_flow_delta"]

const tableRows = rowsOf(Schema.Struct({ tablename: Schema.String }))

/** A statement that empties all tables. */
const emptying = Effect.gen(function* () {
  const sql = yield* PgClient
  const rows = yield* tableRows(
    yield* sql.unsafe("select tablename from pg_tables where schemaname = current_schema()")
  )
  const tables = rows.map(({ tablename }) => tablename).filter((table) => !keptTables.includes(table))
  const deletions = tables.map((table) => `${table}_deletion as (delete from ${table})`)
  return `with ${deletions.join(", ")} update duty_mark set at = '-infinity'`
})

/**
 * Takes these steps of the sequence of a seed. Of what kind a step is does not depend on which others are taken, but which
 * of the jobs it is about does: it is chosen from those that there are.
 */
const runSteps = Effect.fnUntraced(function* (seed: string, numbers: ReadonlyArray<number>) {
  const sql = yield* PgClient
  yield* sql.unsafe(yield* emptying)
  // What was just emptied was counted as well.
  yield* sql.unsafe("delete from job_flow_delta")
  const world = new World()
  const sides = [yield* memory(world), yield* postgres(world)] as const
  const subject = makeDice(`${seed} subject`).pick(...subjects)
  for (const number of numbers) {
    const dice = makeDice(`${seed} ${number}`)
    // Rarely so long that a key is forgotten.
    world.now += dice.pick(0, 0, dice.below(100), dice.below(1_500), dice.below(50) === 0 ? 86_400_000 : 1)
    const step = makeStep({ dice, world }, subject, number)
    const expected = yield* step(sides[0])
    const actual = yield* step(sides[1])
    assert.deepStrictEqual(actual, expected, `step ${number} of the sequence with the seed ${seed}`)
  }
  assert.deepStrictEqual(
    yield* stateOf(sides[1], world),
    yield* stateOf(sides[0], world),
    `after the sequence with the seed ${seed}`
  )
}, Effect.scoped)

const runSequence = Effect.fnUntraced(function* (seed: string, numbers: ReadonlyArray<number>) {
  const exit = yield* Effect.exit(runSteps(seed, numbers))
  if (Exit.isSuccess(exit)) return
  const isFailing = (fewer: ReadonlyArray<number>) =>
    Effect.map(Effect.exit(runSteps(seed, fewer)), Exit.isFailure)
  const fewest = yield* shrink(numbers, isFailing, triesToShrink)
  yield* Effect.logError(`failed: DIFFERENTIAL_SEED=${seed} DIFFERENTIAL_STEPS=${fewest.join()}`)
  yield* runSteps(seed, fewest)
  yield* exit
})

it.live(
  "the stores give the same answers to the same steps, and end in the same state",
  () =>
    Effect.gen(function* () {
      yield* Migrations.migrate
      const again = process.env["DIFFERENTIAL_SEED"]
      const seeds =
        again === undefined ? Arr.makeBy(sequences, (index) => `${series}-${index}`) : Arr.of(again)
      const only = process.env["DIFFERENTIAL_STEPS"]?.split(",").map(Number)
      yield* Effect.forEach(seeds, (seed) => runSequence(seed, only ?? allSteps), { discard: true })
    }).pipe(Effect.provide(newDatabaseLayer)),
  180_000 + 1_000 * sequences
)

describe("what fails is made shorter", () => {
  const fails = (list: ReadonlyArray<number>) => Effect.succeed(list.includes(7) && list.includes(23))

  it.effect("to what makes it fail", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shrink(allSteps, fails, triesToShrink), [7, 23])
    })
  )

  it.effect("in no more tries than are given", () =>
    Effect.gen(function* () {
      const left = yield* shrink(allSteps, fails, 3)
      assert.isTrue(yield* fails(left))
    })
  )
})
