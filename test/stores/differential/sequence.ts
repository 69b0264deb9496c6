/** A sequence of random steps, which the two stores take side by side, and how they differ if they do. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert } from "@effect/vitest"
import { Array as Arr, Cause, Data, Effect, Schema, Struct } from "effect"
import { rowsOf } from "../../../src/server/postgres/Database.ts"
import type { Wrapping } from "../../simulation/Servers.ts"
import { type Dice, makeByChance, makeDice } from "../../support/Dice.ts"
import { saysSomething } from "./said.ts"
import { shrink } from "./shrink.ts"
import { memory, postgres, World } from "./Side.ts"
import { stateOf } from "./stateOf.ts"
import { type Kind, makeStep, subjects } from "./steps.ts"

/** The steps of a whole sequence, by number. */
export const allSteps = Arr.range(1, 30)

const minute = 60_000
const day = 24 * 60 * minute

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
 * How long it takes, in milliseconds, until what is remembered for some time is forgotten: workers that are silent, keys,
 * projects, workers that are gone.
 */
const long = (dice: Dice) => dice.pick(2 * minute, day, 8 * day, 31 * day)

/** That the stores differ, or that one of them dies. */
export class Difference extends Data.TaggedError("Difference")<{
  /** After which kind of step, or in which part of the state in the end. The same defect is mostly seen in the same place. */
  readonly where: string
  readonly cause: unknown
}> {}

const assertSame = (where: string, expected: unknown, actual: unknown, message: string) =>
  Effect.try({
    try: () => assert.deepStrictEqual(actual, expected, message),
    catch: (cause) => new Difference({ where, cause })
  })

const orDifference = (where: string) =>
  Effect.catchCause((cause: Cause.Cause<never>) => new Difference({ where, cause: Cause.squash(cause) }))

/**
 * Takes these steps of the sequence of a seed, and says of which kinds those were that did or found something. Of what kind a
 * step is does not depend on which others are taken, but which of the jobs it is about does: it is chosen from those that
 * there are.
 */
export const takeSteps = Effect.fnUntraced(function* (
  seed: string,
  numbers: ReadonlyArray<number>,
  wrapping?: Wrapping
) {
  const sql = yield* PgClient
  yield* sql.unsafe(yield* emptying)
  // What was just emptied was counted as well.
  yield* sql.unsafe("delete from job_flow_delta")
  const world = new World()
  const [left, right] = [yield* memory(world, wrapping), yield* postgres(world)]
  const subject = makeDice(`${seed} subject`).pick(...subjects)
  const fruitful: Array<Kind> = []
  for (const number of numbers) {
    const { kind, take } = makeByChance(`${seed} ${number}`, (dice) => {
      world.now += dice.pick(0, 0, dice.below(100), dice.below(1_500), dice.below(12) === 0 ? long(dice) : 1)
      return makeStep({ dice, world }, subject, number)
    })
    const dies = orDifference(`${kind} that dies`)
    const expected = yield* dies(take(left))
    const actual = yield* dies(take(right))
    yield* assertSame(
      kind,
      expected,
      actual,
      `step ${number} (${kind}) of the sequence with the seed ${seed}`
    )
    if (saysSomething(actual)) fruitful.push(kind)
  }
  const dies = orDifference("a state that cannot be read")
  const expected = yield* dies(stateOf(left, world))
  const actual = yield* dies(stateOf(right, world))
  for (const part of Struct.keys(expected)) {
    const message = `${part} after the sequence with the seed ${seed}`
    yield* assertSame(`the state's ${part}`, expected[part], actual[part], message)
  }
  return fruitful
}, Effect.scoped)

/** The fewest steps that are found in so many tries and still lead to the same difference, not to another one. */
export const fewestSteps = <E, R>(
  take: (numbers: ReadonlyArray<number>) => Effect.Effect<unknown, E | Difference, R>,
  numbers: ReadonlyArray<number>,
  { where }: Difference,
  mostTries: number
) =>
  shrink(
    numbers,
    (fewer) =>
      Effect.match(take(fewer), {
        onFailure: (failure) => failure instanceof Difference && failure.where === where,
        onSuccess: () => false
      }),
    mostTries
  )
