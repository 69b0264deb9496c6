import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  Acceptance,
  acceptedJobs,
  acceptsJob,
  acceptsKind,
  anyJob
} from "../../../src/domain/matching/Acceptance.ts"
import { newProjectId } from "../../stores/StoreKit.ts"

const [mine, other] = [newProjectId(), newProjectId()]
const is = (op: "eq" | "ne") => ({ property: "project", op, value: mine }) as const
const isAny = (op: "exists" | "absent") => ({ property: "project", op }) as const
const isIn = (...value: ReadonlyArray<typeof mine>) => ({ property: "project", op: "in", value }) as const

describe("acceptsKind", () => {
  const kind = { type: "video.encode", priority: 5 }
  it.each([
    [[], true],
    [[{ property: "type", op: "eq", value: "video.encode" }], true],
    [[{ property: "type", op: "ne", value: "video.encode" }], false],
    [[{ property: "type", op: "in", value: ["video.encode", "audio"] }], true],
    [[{ property: "type", op: "in", value: [] }], false],
    [[{ property: "type", op: "contains", value: "encode" }], true],
    // Only the types that a worker asks for have patterns.
    [[{ property: "type", op: "eq", value: "video.*" }], false],
    [[{ property: "priority", op: "gte", value: 5 }], true],
    [[{ property: "priority", op: "gt", value: 5 }], false],
    [[{ property: "priority", op: "lt", value: "6" }], false],
    [[{ property: "priority", op: "exists" }], true],
    [[{ property: "priority", op: "absent" }], false],
    [
      [
        { property: "priority", op: "gte", value: 5 },
        { property: "type", op: "eq", value: "audio" }
      ],
      false
    ],
    // These are of single jobs.
    [[{ tag: "x", op: "exists" }, isAny("exists"), is("eq")], true]
  ] as const)("%j: %s", (accepts, expected) => {
    assert.strictEqual(acceptsKind(accepts, kind), expected)
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

describe("acceptsJob: projects", () => {
  it.each([
    [[], [true, true, true]],
    [[is("eq")], [true, false, false]],
    [[is("ne")], [false, true, true]],
    [[isIn(mine, other)], [true, true, false]],
    [[isIn()], [false, false, false]],
    [[isAny("exists")], [true, true, false]],
    [[isAny("absent")], [false, false, true]],
    [
      [isAny("exists"), isAny("exists")],
      [true, true, false]
    ],
    [
      [isAny("exists"), isAny("absent")],
      [false, false, false]
    ],
    [
      [isAny("absent"), isAny("exists")],
      [false, false, false]
    ],
    [
      [isIn(mine, other), is("ne")],
      [false, true, false]
    ],
    [
      [is("eq"), is("ne")],
      [false, false, false]
    ],
    [
      [is("eq"), isIn(other)],
      [false, false, false]
    ],
    [
      [is("ne"), isAny("exists")],
      [false, true, false]
    ],
    [[{ property: "type", op: "eq", value: "elsewhere" }], [true, true, true]]
  ] as const)("%j of one, another and none: %j", (accepts, expected) => {
    const accepted = acceptedJobs(accepts)
    assert.deepStrictEqual<ReadonlyArray<boolean>>(
      [mine, other, null].map((project) => acceptsJob(accepted, { tags: [], project })),
      [...expected]
    )
  })

  it("asks for nothing of single jobs where only kinds matter", () => {
    assert.strictEqual(acceptedJobs([]), anyJob)
    assert.strictEqual(acceptedJobs([{ property: "priority", op: "gt", value: 1 }]), anyJob)
  })
})

describe("Acceptance", () => {
  const isTaken = Schema.is(Acceptance)
  it("takes tags that are there or not, and no more of them", () => {
    assert.isTrue(isTaken({ tag: "x", op: "absent" }))
    assert.isFalse(isTaken({ tag: "x", op: "eq", value: "x" }))
  })

  it("takes projects by id, one or at most 1,000", () => {
    const many = (count: number) => Array.from({ length: count }, () => mine)
    assert.isTrue(isTaken(isIn(...many(1_000))))
    assert.isFalse(isTaken(isIn(...many(1_001))))
    assert.isFalse(isTaken({ property: "project", op: "eq", value: "mine" }))
    assert.isFalse(isTaken({ property: "project", op: "contains", value: mine }))
  })

  it("takes values that fit the operator, of properties that jobs have", () => {
    assert.isTrue(isTaken({ property: "priority", op: "lte", value: 3 }))
    assert.isFalse(isTaken({ property: "priority", op: "lte" }))
    assert.isFalse(isTaken({ property: "priority", op: "exists", value: 3 }))
    assert.isFalse(isTaken({ property: "age", op: "exists" }))
  })
})
