/** How PostgreSQL would find what statements ask for, whatever it knows of the tables when it plans. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Database, make as makeDatabase, rowsOf } from "../../../src/server/postgres/Database.ts"
import * as JobGroups from "../../../src/server/postgres/JobGroups.ts"

interface PlanNode {
  readonly "Node Type": string
  readonly "Index Name"?: string
  readonly "Index Cond"?: string
  readonly "Actual Rows"?: number
  readonly "Actual Loops"?: number
  readonly "Rows Removed by Filter"?: number
  readonly Plans?: ReadonlyArray<PlanNode>
}
const PlanNode = Schema.Struct({
  "Node Type": Schema.String,
  "Index Name": Schema.optionalKey(Schema.String),
  "Index Cond": Schema.optionalKey(Schema.String),
  "Actual Rows": Schema.optionalKey(Schema.Number),
  "Actual Loops": Schema.optionalKey(Schema.Number),
  "Rows Removed by Filter": Schema.optionalKey(Schema.Number),
  Plans: Schema.optionalKey(Schema.Array(Schema.suspend((): Schema.Codec<PlanNode> => PlanNode)))
})
export const planRows = rowsOf(
  Schema.Struct({ "QUERY PLAN": Schema.Tuple([Schema.Struct({ Plan: PlanNode })]) })
)

export const nodesOf = (node: PlanNode): ReadonlyArray<PlanNode> => [
  node,
  ...(node.Plans ?? []).flatMap(nodesOf)
]

/** A database that answers nothing, or what a test says, and notes how it would have found it. */
export const explaining = (
  database: Database,
  explain: (text: string, parameters: ReadonlyArray<unknown>) => void,
  answer: (text: string) => ReadonlyArray<unknown> = () => []
): Database => {
  const query: Database["query"] = (read, text, parameters = []) =>
    Effect.suspend(() => {
      explain(text, parameters)
      return read(answer(text))
    })
  const run: Database["run"] = (text, parameters = []) => Effect.sync(() => explain(text, parameters))
  return { ...database, query, queryAtTime: query, runAtTime: run }
}

/** What is answered to a statement, for those who ask for more then. */
export type Answer = (text: string) => ReadonlyArray<unknown>

export type Statement = readonly [
  name: string,
  indexes: ReadonlyArray<string>,
  run: (database: Database, groups: JobGroups.JobGroups) => Effect.Effect<unknown, unknown>
]

const keys = ["job_pkey", "attempt_pkey", "job_payload_pkey", "job_group_pkey", "begun_attempts_pkey"]

// The driver would send parameters, and a plan for these is not what is asked for.
const planOf = `
  create function plan_of(statement text) returns json language plpgsql as $$
    declare plan json;
    begin
      execute 'explain (generic_plan, format json) ' || statement into plan;
      return plan;
    end
  $$`

/** The plans that are made once, for any parameters, with what is known of the tables now. */
const genericPlans = Effect.fnUntraced(function* (run: Statement[2], answer: Answer) {
  const sql = yield* PgClient
  const texts: Array<string> = []
  const database = makeDatabase(sql, Effect.succeed(null))
  yield* run(
    explaining(database, (text) => texts.push(text), answer),
    JobGroups.make(database)
  )
  return yield* Effect.forEach(texts, (text) =>
    Effect.map(database.query(planRows, `select plan_of($1) as "QUERY PLAN"`, [text]), (rows) =>
      rows.flatMap((row) => nodesOf(row["QUERY PLAN"][0].Plan))
    )
  )
})

/** Asserts that the statements find everything by the indexes that are named, or by keys that are looked up. */
const assertByIndex = Effect.fnUntraced(function* (
  statements: ReadonlyArray<Statement>,
  answer: Answer,
  state: string
) {
  for (const [name, expected, run] of statements) {
    const nodes = (yield* genericPlans(run, answer)).flat()
    const message = `${name}, ${state}`
    const types = nodes.map((node) => node["Node Type"])
    for (const type of ["Seq Scan", "Bitmap Heap Scan", "Hash Join", "Merge Join"]) {
      assert.notInclude(types, type, message)
    }
    const indexes = nodes.flatMap((node) => node["Index Name"] ?? [])
    assert.includeMembers(indexes, [...expected], message)
    assert.includeMembers([...expected, ...keys], indexes, message)
    for (const node of nodes) {
      if (keys.includes(node["Index Name"] ?? "")) assert.property(node, "Index Cond", message)
    }
  }
})

export const runAll = Effect.fnUntraced(function* (texts: ReadonlyArray<string>) {
  const sql = yield* PgClient
  yield* Effect.forEach(texts, (text) => sql.unsafe(text).unprepared, { discard: true })
})

/** Asserts the same whatever is known of the tables. `fill` makes them large, and `analyze` looks how large they are. */
export const assertByIndexAlways = Effect.fnUntraced(function* (
  statements: ReadonlyArray<Statement>,
  answer: Answer,
  { analyze, fill }: { readonly fill: ReadonlyArray<string>; readonly analyze: ReadonlyArray<string> }
) {
  yield* runAll([planOf])
  yield* assertByIndex(statements, answer, "new tables")
  yield* runAll(analyze)
  yield* assertByIndex(statements, answer, "tables known to be empty")
  yield* runAll(fill)
  yield* assertByIndex(statements, answer, "large tables that are thought to be empty")
  yield* runAll(analyze)
  yield* assertByIndex(statements, answer, "tables known to be large")
  yield* runAll(["delete from job where id::text > '00000000-0000-7000-8000-000000000009'", ...analyze])
  yield* assertByIndex(statements, answer, "tables in which little is left")
})

/** Makes what counts the rows that are read by these indexes. */
export const rowsReadBy = (database: Database, indexes: ReadonlyArray<string>) =>
  Effect.fnUntraced(function* (run: (database: Database) => Effect.Effect<unknown, unknown>) {
    const calls: Array<readonly [string, ReadonlyArray<unknown>]> = []
    const note = explaining(database, (text, parameters) => calls.push([text, parameters]))
    yield* run({
      ...note,
      queryAtTime: (read, text, parameters) => note.query(read, text, [null, ...(parameters ?? [])])
    })
    const plans = yield* Effect.forEach(calls, ([text, parameters]) =>
      database.query(planRows, `explain (analyze, format json) ${text}`, parameters)
    )
    return plans
      .flat()
      .flatMap((row) => nodesOf(row["QUERY PLAN"][0].Plan))
      .filter((node) => indexes.includes(node["Index Name"] ?? ""))
      .reduce(
        (sum, node) =>
          sum +
          ((node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0)) * (node["Actual Loops"] ?? 0),
        0
      )
  })
