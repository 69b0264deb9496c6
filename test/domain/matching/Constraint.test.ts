import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import {
  Constraint,
  requiredFor,
  satisfies,
  type Skills,
  weightOf
} from "../../../src/domain/matching/Constraint.ts"

const skills: Skills = {
  memoryGb: 16,
  zero: 0,
  os: "linux",
  gpu: ["cuda", { model: "a", cores: [1, 2] }],
  off: false,
  nothing: null,
  node: { a: 1, b: [2] }
}

const isSatisfied = ([skill, op, value]: Row): boolean =>
  satisfies(skills, value === undefined ? { skill, op } : { skill, op, value })

type Row = readonly [skill: string, op: Constraint["op"], value?: Schema.Json]

const satisfied: ReadonlyArray<Row> = [
  ["memoryGb", "eq", 16],
  ["node", "eq", { b: [2], a: 1 }],
  ["nothing", "eq", null],
  ["off", "eq", false],
  ["memoryGb", "ne", 17],
  ["memoryGb", "ne", "16"],
  ["node", "ne", { a: 1 }],
  ["memoryGb", "lt", 16.5],
  ["memoryGb", "lte", 16],
  ["memoryGb", "gt", 15],
  ["memoryGb", "gte", 16],
  ["zero", "gte", -0],
  ["os", "lt", "linuy"],
  ["os", "lte", "linux"],
  ["os", "gt", "Linux"],
  ["os", "gte", "linux"],
  ["os", "in", ["darwin", "linux"]],
  ["node", "in", [{ b: [2], a: 1 }]],
  ["nothing", "in", [null]],
  ["gpu", "contains", "cuda"],
  ["gpu", "contains", { cores: [1, 2], model: "a" }],
  ["os", "contains", "nu"],
  ["os", "contains", ""],
  ["zero", "exists"],
  ["off", "exists"],
  ["nothing", "exists"],
  ["missing", "absent"],
  ["missing", "ne", 1]
]

const unsatisfied: ReadonlyArray<Row> = [
  ["memoryGb", "eq", 17],
  ["memoryGb", "eq", "16"],
  ["gpu", "eq", "cuda"],
  ["nothing", "eq", false],
  ["memoryGb", "ne", 16],
  ["node", "ne", { b: [2], a: 1 }],
  ["memoryGb", "lt", 16],
  ["memoryGb", "lte", 15.9],
  ["memoryGb", "gt", 16],
  ["memoryGb", "gte", 16.1],
  ["os", "lt", "linux"],
  ["os", "gt", "linux"],
  // No order between a number and a text, nor among anything else.
  ["memoryGb", "lt", "17"],
  ["memoryGb", "gt", "15"],
  ["os", "gte", 0],
  ["off", "lt", 1],
  ["nothing", "lte", 0],
  ["gpu", "gte", "cuda"],
  ["os", "in", ["darwin"]],
  ["os", "in", []],
  ["memoryGb", "in", ["16"]],
  ["gpu", "in", ["cuda"]],
  ["gpu", "contains", "cud"],
  ["gpu", "contains", { model: "a" }],
  ["os", "contains", "LIN"],
  ["memoryGb", "contains", 1],
  ["node", "contains", "a"],
  ["nothing", "absent"],
  ["off", "absent"],
  ["missing", "eq", null],
  ["missing", "lt", 1],
  ["missing", "lte", 1],
  ["missing", "gt", 1],
  ["missing", "gte", 1],
  ["missing", "in", [null]],
  ["missing", "contains", ""],
  ["missing", "exists"]
]

describe("satisfies", () => {
  it.each(satisfied.map((row) => ({ row, name: JSON.stringify(row) })))("$name", ({ row }) => {
    assert.isTrue(isSatisfied(row))
  })

  it.each(unsatisfied.map((row) => ({ row, name: JSON.stringify(row) })))("not $name", ({ row }) => {
    assert.isFalse(isSatisfied(row))
  })

  it("knows no skills but the worker's own", () => {
    for (const skill of ["constructor", "toString", "hasOwnProperty"]) {
      assert.isFalse(satisfies({}, { skill, op: "exists" }))
      assert.isTrue(satisfies({}, { skill, op: "absent" }))
    }
  })
})

describe("Constraint", () => {
  const accepts = Schema.is(Constraint)
  it.each(["eq", "ne", "contains"] as const)("%s takes any one value", (op) => {
    for (const value of [null, 1, "a", [], {}]) assert.isTrue(accepts({ skill: "s", op, value }))
    assert.isFalse(accepts({ skill: "s", op }))
  })
  it.each(["lt", "lte", "gt", "gte"] as const)("%s takes a number or a text", (op) => {
    for (const value of [1, "a"]) assert.isTrue(accepts({ skill: "s", op, value }))
    for (const value of [null, true, [1], {}]) assert.isFalse(accepts({ skill: "s", op, value }))
    assert.isFalse(accepts({ skill: "s", op }))
  })
  it("in takes an array", () => {
    assert.isTrue(accepts({ skill: "s", op: "in", value: [] }))
    assert.isFalse(accepts({ skill: "s", op: "in", value: "a" }))
    assert.isFalse(accepts({ skill: "s", op: "in" }))
  })
  it.each(["exists", "absent"] as const)("%s takes no value", (op) => {
    assert.isTrue(accepts({ skill: "s", op }))
    assert.isFalse(accepts({ skill: "s", op, value: null }))
  })
  it("takes a known operator", () => assert.isFalse(accepts({ skill: "s", op: "like", value: "a" })))
})

describe("Constraint: wishes and relaxing", () => {
  const skill = { skill: "gpu", op: "exists" } as const
  const decode = Schema.decodeUnknownResult(Constraint)
  const isTaken = (details: object) => Result.isSuccess(decode({ ...skill, ...details }))

  it("takes a weight of more than 0 and at most a million", () => {
    for (const weight of [0.000_1, 1, 2.5, 1_000_000]) assert.isTrue(isTaken({ weight }), `${weight}`)
    for (const weight of [0, -1, 1_000_000.1, Infinity, NaN, "1", null])
      assert.isFalse(isTaken({ weight }), `${weight}`)
  })

  it("takes a length of time after which it is relaxed, as milliseconds", () => {
    assert.deepStrictEqual(
      decode({ ...skill, relaxAfter: "1500ms" }),
      Result.succeed({ ...skill, relaxAfter: 1_500 })
    )
    for (const relaxAfter of ["0s", "-1s", "soon", null])
      assert.isFalse(isTaken({ relaxAfter }), `${relaxAfter}`)
    assert.deepStrictEqual(Schema.encodeSync(Constraint)({ ...skill, relaxAfter: 90_000 }), {
      ...skill,
      relaxAfter: "90s"
    })
  })

  it.each([
    [{}, Infinity, 1],
    [{ weight: 3 }, 0, 3],
    [{ relaxAfter: 500 }, 500, 1],
    [{ relaxAfter: 500, weight: 3 }, 500, 3]
  ] as const)("with %j is required for %d ms, and weighs %d", (details, time, weight) => {
    assert.deepStrictEqual(
      [requiredFor({ ...skill, ...details }), weightOf({ ...skill, ...details })],
      [time, weight]
    )
  })
})
