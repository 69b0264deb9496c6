import { assert, describe, it } from "@effect/vitest"
import { anyJob } from "../../../src/domain/matching/Acceptance.ts"
import type { Candidate, Queue } from "../../../src/domain/matching/Candidates.ts"
import { choose } from "../../../src/domain/matching/Choosing.ts"
import { makeRoom } from "../../../src/domain/matching/Limits.ts"
import { newSeeker } from "../../stores/StoreKit.ts"
import { aGroup, after } from "../support/records.ts"
import * as Turns from "../../../src/domain/dispatching/Turns.ts"

const endless = makeRoom(new Map(), 0)
const minute = 60_000

/** A queue with jobs that are due at these times, in minutes. */
const queue = (
  name: string,
  times: ReadonlyArray<number>,
  {
    isWhole = true,
    key = null,
    priority = 0,
    turn = 0
  }: {
    readonly key?: string | null
    readonly priority?: number
    readonly turn?: number
    readonly isWhole?: boolean
  } = {}
): Queue<Candidate> => ({
  group: aGroup({ type: name, fairnessKey: key, priority }),
  turn,
  better: null,
  accepted: anyJob,
  jobs: times.map((time, index) => ({
    id: `${name}${index + 1}`,
    runAt: after(time * minute),
    failedBy: []
  })),
  isWhole
})
/** For one worker that wants as many as there are. */
const chosen = (queues: ReadonlyArray<Queue<Candidate>>, count = 100, room = endless) =>
  choose({ queues, seekers: [newSeeker({ max: 1_000 })], room, now: 100 * minute, count, spares: 0 })
const ids = (queues: ReadonlyArray<Queue<Candidate>>, count = 100) =>
  chosen(queues, count).choices.map(({ job }) => job.id)

describe("choose", () => {
  it("takes those first that are due the longest, then by id", () => {
    assert.deepStrictEqual(ids([queue("b", [1, 2, 2]), queue("a", [2, 3])]), ["b1", "a1", "b2", "b3", "a2"])
    assert.deepStrictEqual(ids([queue("a", [1, 2, 3])], 2), ["a1", "a2"])
    assert.deepStrictEqual(ids([]), [])
  })

  it("counts a level of priority as ten minutes of waiting", () => {
    const low = queue("low", [0, 9.999, 10, 30])
    assert.deepStrictEqual(ids([low, queue("high", [19.9995], { priority: 1 })]), [
      "low1",
      "low2",
      "high1",
      "low3",
      "low4"
    ])
  })

  it("goes round between the keys of a priority, however many jobs one has and how long they wait", () => {
    const flood = queue("flood", [1, 2, 3, 4, 5], { key: "flood" })
    const small = queue("small", [90, 91], { key: "small" })
    const none = queue("none", [95])
    assert.deepStrictEqual(ids([flood, small, none]), [
      "flood1",
      "small1",
      "none1",
      "flood2",
      "small2",
      "flood3",
      "flood4",
      "flood5"
    ])
  })

  it("begins with the key that was served longest ago, by whatever group", () => {
    const queues = [
      queue("a", [1, 2], { key: "x", turn: 7 }),
      queue("b", [3], { key: "x", turn: 7 }),
      queue("c", [4, 5], { key: "y", turn: 5 }),
      queue("d", [6], { key: "z" })
    ]
    assert.deepStrictEqual(ids(queues), ["d1", "c1", "a1", "c2", "a2", "b1"])
  })

  it("does not let a key of a low priority come before the high ones", () => {
    const queues = [queue("a", [0, 0], { key: "x", priority: 1, turn: 9 }), queue("b", [0], { key: "y" })]
    assert.deepStrictEqual(ids(queues), ["a1", "a2", "b1"])
  })

  it("leaves out what there is no room for", () => {
    const limits = { concurrency: 1, perWorker: null, perFairnessKey: null, rateLimit: null }
    const usage = { running: 0, ofWorkers: new Map(), ofKeys: new Map(), begun: [] }
    const room = makeRoom(new Map([["a", { limits, usage }]]), 0)
    const { choices, dry } = chosen([queue("a", [1, 2], { isWhole: false }), queue("b", [3])], 10, room)
    assert.deepStrictEqual([choices.map(({ job }) => job.id), dry.length], [["a1", "b1"], 0])
  })

  it("tells which queues ran out that may have more, unless enough were chosen by then", () => {
    const queues = [
      queue("a", [1, 2], { isWhole: false }),
      queue("b", [3, 4]),
      queue("c", [], { isWhole: false })
    ]
    const dry = (count: number) => chosen(queues, count).dry.map(({ group }) => group.type)
    assert.deepStrictEqual(dry(2), ["c"])
    assert.deepStrictEqual(dry(3), ["c", "a"])
  })

  it("gives one by one what it gives at once", () => {
    const turns = Turns.make()
    const jobs = new Map([
      ["x", [1, 2, 3, 7]],
      ["y", [5]],
      ["z", [4, 6]]
    ])
    const queues = () => [...jobs].map(([key, times]) => queue(key, times, { key, turn: turns.of(key) }))
    const atOnce = chosen(queues()).choices.map(({ queue }) => queue.group.fairnessKey)
    const oneByOne = atOnce.map(() => {
      const [one] = chosen(queues(), 1).choices
      const key = one?.queue.group.fairnessKey ?? ""
      jobs.set(key, (jobs.get(key) ?? []).slice(1))
      turns.served(key)
      return key
    })
    assert.deepStrictEqual(oneByOne, atOnce)
    assert.deepStrictEqual(atOnce, ["x", "z", "y", "x", "z", "x", "x"])
  })
})
