import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { matchesType } from "../../src/domain/Identifiers.ts"
import { acceptedJobs, acceptsJob } from "../../src/domain/Acceptance.ts"
import { Constraint, satisfies, type Skills } from "../../src/domain/Constraint.ts"
import { match, type Suitability } from "../../src/domain/Matching.ts"
import { aGroup } from "./records.ts"

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

const worker = (details: Partial<Suitability> = {}): Suitability => ({
  types: [],
  skills,
  accepts: [],
  ...details
})

describe("match", () => {
  const isEligible = (...[suitability, group]: Parameters<typeof match>) =>
    match(suitability, group)?.eligibleAfter === 0
  const demanding = aGroup({
    type: "video.encode",
    constraints: [
      { skill: "memoryGb", op: "gte", value: 8 },
      { skill: "gpu", op: "contains", value: "cuda" }
    ]
  })
  it("asks for every constraint", () => {
    assert.isTrue(isEligible(worker(), demanding))
    assert.isNull(match(worker({ skills: { memoryGb: 16 } }), demanding))
    assert.isNull(match(worker({ skills: { gpu: ["cuda"], memoryGb: 4 } }), demanding))
    assert.isTrue(isEligible(worker({ skills: {} }), aGroup()))
  })
  it("asks for one of the types, if there are any", () => {
    assert.isTrue(isEligible(worker({ types: ["audio", "video.*"] }), demanding))
    assert.isNull(match(worker({ types: ["audio", "video"] }), demanding))
    assert.isNull(match(worker({ types: ["video.*"], skills: {} }), demanding))
  })
  it("leaves what the worker accepts of each job to its claim", () => {
    assert.isTrue(isEligible(worker({ accepts: [{ tag: "x", op: "exists" }] }), demanding))
  })
})

describe("matchesType", () => {
  it.each([
    ["video", "video", true],
    ["video", "video.encode", false],
    ["video.encode", "video", false],
    ["video", "Video", false],
    ["video.*", "video.encode", true],
    ["video.*", "video.", true],
    ["video.*", "video", false],
    ["video.*", "videoXencode", false],
    ["vid*", "video", true],
    ["video*", "video", true],
    ["*", "anything", true]
  ])("%s asks for %s: %s", (pattern, type, expected) => {
    assert.strictEqual(matchesType(pattern, type), expected)
  })
})

describe("acceptsJob", () => {
  const has = { tag: "a", op: "exists" } as const
  const lacks = { tag: "b", op: "absent" } as const
  it.each([
    [[], [], true],
    [[], ["a"], true],
    [[has], ["a"], true],
    [[has], ["A", "ab"], false],
    [[has], [], false],
    [[lacks], [], true],
    [[lacks], ["a", "b"], false],
    [[has, lacks], ["a"], true],
    [[has, lacks], ["b", "a"], false],
    [[has, { tag: "a", op: "absent" }], ["a"], false]
  ] as const)("%j with tags %j: %s", (accepts, tags, expected) => {
    assert.strictEqual(acceptsJob(acceptedJobs(accepts), { tags, project: null }), expected)
  })
})
