import { assert, describe, it } from "@effect/vitest"
import type { Constraint } from "../../../src/domain/matching/Constraint.ts"
import { classOf, fitOf, match, relaxTimes, type Suitability } from "../../../src/domain/matching/Matching.ts"
import { present } from "../../stores/StoreKit.ts"
import { aGroup } from "../support/records.ts"

const worker = (details: Partial<Suitability> = {}): Suitability => ({
  types: [],
  skills: { memoryGb: 16, gpu: ["cuda"] },
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

const gpu = { skill: "gpu", op: "exists" } as const
const rust = { skill: "rust", op: "exists" } as const
const fast = { skill: "fast", op: "exists" } as const
const group = (...constraints: ReadonlyArray<Constraint>) => aGroup({ constraints })

describe("match: wishes and relaxing", () => {
  const eligibleAfter = (...constraints: ReadonlyArray<Constraint>) =>
    match(worker({ skills: { gpu: true } }), group(...constraints))?.eligibleAfter ?? null

  it.each([
    [[{ ...rust, weight: 1_000_000 }], 0],
    [[{ ...rust, weight: 1 }, rust], null],
    [[{ ...rust, relaxAfter: 500 }], 500],
    [[{ ...rust, relaxAfter: 500, weight: 2 }], 500],
    [
      [
        { ...rust, relaxAfter: 500 },
        { ...fast, relaxAfter: 700 }
      ],
      700
    ],
    [
      [
        { ...rust, relaxAfter: 500 },
        { ...gpu, relaxAfter: 700 }
      ],
      500
    ],
    [[{ ...rust, relaxAfter: 500 }, fast], null]
  ] as const)("%j: after %s ms", (constraints, expected) => {
    assert.strictEqual(eligibleAfter(...constraints), expected)
  })
})

describe("fitOf", () => {
  const fit = (waited: number, ...constraints: ReadonlyArray<Constraint>) =>
    fitOf(present(match(worker({ skills: { gpu: true } }), group(...constraints))), waited)

  it("is the part of the wishes that is met, by weight, and all of none", () => {
    assert.strictEqual(fit(0), 1)
    assert.strictEqual(fit(0, gpu), 1)
    assert.strictEqual(fit(0, { ...gpu, weight: 3 }, { ...rust, weight: 1 }), 0.75)
    assert.strictEqual(fit(0, { ...rust, weight: 9 }), 0)
    assert.strictEqual(fit(0, { ...gpu, weight: 0.5 }, { ...rust, weight: 0.5 }, gpu), 0.5)
  })

  it("counts a constraint that relaxes from the tick on, and not a millisecond before", () => {
    const relaxing = [
      { ...gpu, relaxAfter: 500, weight: 3 },
      { ...rust, weight: 1 }
    ] as const
    assert.deepStrictEqual(
      [499, 500, 501].map((waited) => fit(waited, ...relaxing)),
      [0, 0.75, 0.75]
    )
  })
})

describe("relaxTimes", () => {
  it("are ascending as numbers, each of them once", () => {
    const times = [9_000, 10_000, 900, 9_000].map((relaxAfter) => ({ ...gpu, relaxAfter }))
    assert.deepStrictEqual(relaxTimes(group(...times, rust, { ...rust, weight: 1 })), [900, 9_000, 10_000])
  })
})

describe("classOf", () => {
  it("is the same for groups that differ in their keys alone", () => {
    const of = (details: Parameters<typeof aGroup>[0]) => classOf(aGroup(details))
    assert.strictEqual(of({ id: 1, fairnessKey: "a" }), of({ id: 2 }))
    const others = [
      { type: "other" },
      { priority: 1 },
      { constraints: [gpu] },
      { constraints: [{ ...gpu, weight: 1 }] }
    ]
    assert.lengthOf(new Set([of({}), ...others.map(of)]), 5)
  })
})
