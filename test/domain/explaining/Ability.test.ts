import { assert, describe, it } from "@effect/vitest"
import {
  abilityOf as abilityOfLiving,
  type LiveWorker,
  nearestMissOf,
  tellValue
} from "../../../src/domain/explaining/Ability.ts"
import type { Constraint, Skills } from "../../../src/domain/matching/Constraint.ts"
import type { JsonValue } from "../../../src/domain/Json.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"
import { aGroup } from "../support/records.ts"

const aWorker = (name: string, skills: Skills, details: Partial<LiveWorker> = {}): LiveWorker => ({
  name,
  types: [],
  skills,
  accepts: [],
  running: 0,
  kept: null,
  ...details
})

/** Workers called a, b, …, of which each has this value of a skill; undefined for one that does not have it. */
const having = (...values: ReadonlyArray<JsonValue | undefined>) =>
  values.map((value, index) => aWorker("abcdef".charAt(index), value === undefined ? {} : { skill: value }))

const abilityOf = (workers: ReadonlyArray<LiveWorker>, group: JobGroup, waited: number) =>
  abilityOfLiving({ workers, areAll: true }, group, waited)

type Row = readonly [
  op: Constraint["op"],
  value: JsonValue | undefined,
  there: ReadonlyArray<JsonValue | undefined>,
  rejects: number,
  missing: number,
  nearest: readonly [worker: string, value: JsonValue] | null
]

const rows: ReadonlyArray<Row> = [
  ["gte", 8, [1, 6, 4, 16], 3, 0, ["b", 6]],
  ["gt", 8, [8, 2], 2, 0, ["a", 8]],
  ["lt", 8, [20, 9, 3], 2, 0, ["b", 9]],
  ["lte", 8, [20, 10, 10], 3, 0, ["b", 10]],
  ["eq", 8, [1, 9, 8], 2, 0, ["b", 9]],
  ["eq", "eu", ["us", "asia", undefined], 3, 1, ["a", "us"]],
  ["in", ["eu", "us"], ["asia", "us"], 1, 0, ["a", "asia"]],
  ["in", [10, 20], [1, 18], 2, 0, ["b", 18]],
  ["ne", "eu", ["eu", undefined], 1, 0, ["a", "eu"]],
  ["contains", "cuda", [["vulkan"], ["cuda"]], 1, 0, ["a", ["vulkan"]]],
  ["gte", 8, ["much", 2], 2, 0, ["b", 2]],
  ["gte", 8, [undefined, undefined], 2, 2, null],
  ["exists", undefined, [1, undefined], 1, 1, null],
  ["absent", undefined, [undefined, "x"], 1, 0, ["b", "x"]]
]

describe("a constraint", () => {
  it.each(rows)("%s %j rejects those who have %j", (op, value, there, rejects, missing, nearest) => {
    const constraint = { skill: "skill", op, ...(value !== undefined && { value }) }
    const { able, checks } = abilityOf(having(...there), aGroup({ constraints: [constraint] }), 0)
    assert.deepStrictEqual(checks, [
      {
        constraint,
        isRequired: true,
        rejects,
        missing,
        nearest: nearest === null ? null : { worker: nearest[0], value: nearest[1] }
      }
    ])
    assert.strictEqual(able.length, there.length - rejects)
  })

  it("is required until it is relaxed, and a wish keeps nobody from the job", () => {
    const constraints = [
      { skill: "skill", op: "gte", value: 8, relaxAfter: 100 },
      { skill: "skill", op: "gte", value: 9, weight: 2 }
    ] as const
    const group = aGroup({ constraints })
    for (const [waited, isRequired, able] of [
      [99, true, 0],
      [100, false, 1]
    ] as const) {
      const ability = abilityOf(having(1), group, waited)
      assert.deepStrictEqual(
        ability.checks.map((check) => [check.isRequired, check.rejects]),
        [
          [isRequired, 1],
          [false, 1]
        ]
      )
      assert.strictEqual(ability.able.length, able)
      assert.strictEqual(nearestMissOf(ability) === null, able === 1)
    }
  })
})

describe("the workers that could take a job", () => {
  const group = aGroup({ type: "video.cut", constraints: [{ skill: "gpu", op: "exists" }] })
  const kept = { why: "paused", until: null } as const

  it("ask for its type, satisfy what is required, and are not kept from it", () => {
    const workers = [
      aWorker("other", { gpu: 1 }, { types: ["audio"] }),
      aWorker("paused", { gpu: 1 }, { kept }),
      aWorker("weak", {}, { types: ["video.*"] }),
      aWorker("fit", { gpu: 1 }, { types: ["audio", "video.*"] })
    ]
    const ability = abilityOf(workers, group, 0)
    assert.deepStrictEqual([ability.live, ability.asking], [4, 3])
    assert.deepStrictEqual(
      [ability.able, ability.kept].map((some) => some.map(({ name }) => name)),
      [["fit"], ["paused"]]
    )
    assert.isNull(nearestMissOf(ability))
  })

  it("accept its type and priority, where nothing is said of a single job", () => {
    const picky = (accepts: LiveWorker["accepts"]) =>
      abilityOf([aWorker("picky", { gpu: 1 }, { accepts })], group, 0)
    const counts = ({ able, refusing }: ReturnType<typeof picky>) => [able.length, refusing]
    const refused = picky([{ property: "priority", op: "gt", value: group.priority }])
    assert.deepStrictEqual(counts(refused), [0, 1])
    assert.isNull(nearestMissOf(refused))
    assert.deepStrictEqual(counts(picky([{ property: "type", op: "ne", value: group.type }])), [0, 1])
    assert.deepStrictEqual(counts(picky([{ tag: "gdpr", op: "exists" }])), [1, 0])
    const weak = aWorker("weak", {}, { accepts: [{ property: "type", op: "absent" }] })
    assert.deepStrictEqual(counts(abilityOf([weak], group, 0)), [0, 0])
    const all = { workers: [aWorker("any", { gpu: 1 })], areAll: true }
    assert.deepStrictEqual(counts(abilityOfLiving(all, group, 0, () => false)), [0, 1])
  })

  it("are missed by the constraint that rejects most, unless somebody is only kept from the job", () => {
    const constraints = [
      { skill: "skill", op: "gte", value: 1 },
      { skill: "skill", op: "lt", value: 1 }
    ] as const
    assert.deepStrictEqual(nearestMissOf(abilityOf(having(1, 2, 0), aGroup({ constraints }), 0)), {
      constraint: { skill: "skill", op: "lt", value: 1 },
      rejects: 2,
      worker: "a",
      value: 1
    })
    assert.deepStrictEqual(nearestMissOf(abilityOf([aWorker("weak", {})], group, 0)), {
      constraint: { skill: "gpu", op: "exists" },
      rejects: 1,
      worker: null,
      value: null
    })
    const paused = aWorker("paused", { gpu: 1 }, { kept })
    assert.isNull(nearestMissOf(abilityOf([paused, aWorker("weak", {})], group, 0)))
  })
})

describe("a value that is told", () => {
  it.each([
    [{ a: [1] }, { a: [1] }],
    ["x".repeat(78), "x".repeat(78)],
    ["x".repeat(79), `"${"x".repeat(78)}…`],
    [Array.from({ length: 100 }, () => 1), `[${"1,".repeat(39)}…`]
  ])("%j is %j", (value, told) => {
    assert.deepStrictEqual(tellValue(value), told)
  })
})
