import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import {
  isHeldBack,
  type Limits,
  limitsOf,
  makeRoom,
  rateRoom,
  type ReachedLimit,
  rememberedAt,
  type Usage
} from "../../../src/domain/matching/Limits.ts"
import { defaultPolicy, type RateLimit } from "../../../src/domain/policies/Policy.ts"
import { aGroup } from "../support/records.ts"

const noLimits: Limits = { concurrency: null, perWorker: null, perFairnessKey: null, rateLimit: null }
const unused: Usage = { running: 0, ofWorkers: new Map(), ofKeys: new Map(), begun: [] }
const rate = (limit: number, period: Duration.Input): RateLimit => ({
  limit,
  period: Duration.fromInputUnsafe(period)
})

const now = 10_000
const roomOf = (limits: Partial<Limits>, usage: Partial<Usage>) =>
  makeRoom(new Map([["type", { limits: { ...noLimits, ...limits }, usage: { ...unused, ...usage } }]]), now)

describe("limitsOf", () => {
  it("is nothing for a policy that limits nothing", () => {
    assert.isNull(limitsOf(defaultPolicy))
    assert.isNull(limitsOf({ ...defaultPolicy, paused: true }))
    for (const own of [
      { concurrency: 1 },
      { perWorker: 1 },
      { perFairnessKey: 1 },
      { rateLimit: rate(1, "1 second") }
    ]) {
      assert.deepStrictEqual(limitsOf({ ...defaultPolicy, ...own }), { ...noLimits, ...own })
    }
  })
})

describe("rateRoom", () => {
  it.each([
    ["nothing has begun", rate(2, 1_000), [], 2, 0],
    ["less has begun than may", rate(3, 1_000), [{ at: 9_500, count: 2 }], 1, 0],
    ["all has begun, until the first counts no more", rate(2, 1_000), [{ at: 9_001, count: 2 }], 0, 1],
    ["what began a period ago counts no more", rate(2, 1_000), [{ at: 9_000, count: 2 }], 2, 0],
    [
      "what began by a clock that was set back counts as if it did now",
      rate(1, 500),
      [{ at: 99_000, count: 1 }],
      0,
      500
    ],
    [
      "the oldest of several make room first",
      rate(3, 1_000),
      [
        { at: 9_200, count: 1 },
        { at: 9_300, count: 2 }
      ],
      0,
      200
    ],
    [
      "after the limit was lowered, until enough count no more",
      rate(1, 1_000),
      [
        { at: 9_200, count: 1 },
        { at: 9_300, count: 2 },
        { at: 9_900, count: 1 }
      ],
      0,
      900
    ]
  ] as const)("%s", (_, limit, begun, room, left) => {
    assert.deepStrictEqual(rateRoom(limit, begun, now), { room, left: Duration.millis(left) })
  })
})

describe("rememberedAt", () => {
  it("is the time itself up to a limit of 1,000, and above it never earlier, nor much later", () => {
    assert.strictEqual(rememberedAt(rate(1_000, "1 day"), 12_345), 12_345)
    assert.strictEqual(rememberedAt(rate(1_001, "1 minute"), 12_345), 12_360)
    assert.strictEqual(rememberedAt(rate(1_001, "1 minute"), 12_360), 12_360)
    assert.strictEqual(rememberedAt(rate(1_001, 10), 12_345), 12_345)
  })
})

describe("makeRoom", () => {
  const group = aGroup()
  const ofKey = aGroup({ fairnessKey: "key" })
  const second = Duration.seconds(1)

  it.each<readonly [Partial<Limits>, Partial<Usage>, ReachedLimit]>([
    [{ concurrency: 3 }, { running: 1 }, { limit: "concurrency", type: "type" }],
    [
      { perWorker: 2 },
      { ofWorkers: new Map([["worker", 0]]) },
      { limit: "perWorker", type: "type", worker: "worker" }
    ],
    [
      { perFairnessKey: 4 },
      { ofKeys: new Map([[null, 2]]) },
      { limit: "perFairnessKey", type: "type", fairnessKey: null }
    ],
    [{ rateLimit: rate(2, second) }, { begun: [] }, { limit: "rateLimit", type: "type", left: second }]
  ])("has room for two more within %o, and for no third", (limits, usage, reached) => {
    const room = roomOf(limits, usage)
    const has = () => room.has(group) && room.hasFor(group, "worker")
    const reachedNow = () => room.reached([group], new Set(["worker"]))
    for (let count = 0; count < 2; count++) {
      assert.deepStrictEqual([has(), reachedNow()], [true, []])
      room.take(group, "worker")
    }
    assert.isFalse(has())
    assert.deepStrictEqual(reachedNow(), [reached])
  })

  it("has room for other keys and other types", () => {
    const room = roomOf({ perFairnessKey: 1 }, { ofKeys: new Map([["key", 1]]) })
    const other = aGroup({ type: "other" })
    assert.deepStrictEqual([ofKey, group, other].map(room.has), [false, true, true])
    const reached = room.reached([ofKey, group, other], new Set())
    assert.deepStrictEqual(
      [ofKey, group, other].map((one) => isHeldBack(reached, one, new Set(["worker"]))),
      [true, false, false]
    )
  })

  it("counts for each worker what it holds and takes", () => {
    const room = roomOf({ perWorker: 2 }, { ofWorkers: new Map([["busy", 2]]) })
    assert.deepStrictEqual(
      ["busy", "idle"].map((worker) => room.hasFor(group, worker)),
      [false, true]
    )
    room.take(group, "idle")
    assert.isTrue(room.hasFor(group, "idle"))
    room.take(group, "idle")
    assert.isFalse(room.hasFor(group, "idle"))
    assert.isTrue(room.has(group))
  })

  it("holds jobs back from workers all of whom have what each may have, and not if one has not", () => {
    const { reached } = roomOf(
      { perWorker: 2 },
      {
        ofWorkers: new Map([
          ["v", 2],
          ["w", 3]
        ])
      }
    )
    const limits = reached([group], new Set(["v", "w", "x"]))
    const isHeldFrom = (...workers: ReadonlyArray<string>) => isHeldBack(limits, group, new Set(workers))
    assert.deepStrictEqual([isHeldFrom("v"), isHeldFrom("v", "w"), isHeldFrom("v", "x")], [true, true, false])
    assert.isFalse(isHeldBack(limits, aGroup({ type: "other" }), new Set(["v"])))
  })

  it("has none where more is in use than there may be since the limit was lowered", () => {
    assert.isFalse(roomOf({ concurrency: 1 }, { running: 5 }).has(group))
  })
})
