import { assert, describe, it } from "@effect/vitest"
import { acceptedJobs } from "../../../src/domain/matching/Acceptance.ts"
import { assigneeOf, bestFirst, rankOf, type Seeker, shareOut } from "../../../src/domain/matching/Ranking.ts"
import { newSeeker, present } from "../../stores/StoreKit.ts"
import { aGroup } from "../support/records.ts"
import { seekers, skilled } from "../support/choosing.ts"

const gpu = { skill: "gpu", op: "exists" } as const

describe("rankOf", () => {
  it("scores the wishes met, the record on the type and the load, with a failure and without", () => {
    const group = aGroup({ type: "a", constraints: [{ ...gpu, weight: 1 }] })
    const score = (wishes: Partial<Seeker>) => {
      const rank = present(rankOf(newSeeker(wishes), group, 0))
      return [rank.score, rank.scoreAfterFailure]
    }
    assert.deepStrictEqual(score(skilled({ gpu: true })), [0.88, 0.57])
    assert.deepStrictEqual(score({}), [0.28, 0])
    assert.deepStrictEqual(
      score({
        ...skilled({ gpu: 1 }),
        records: new Map([
          ["a", 1],
          ["b", 0]
        ])
      }),
      [1, 0.7]
    )
    assert.deepStrictEqual(score({ ...skilled({ gpu: 1 }), running: 1 }), [0.83, 0.52])
  })

  it("is of nobody who may not have the job yet, or is kept from the type", () => {
    const group = aGroup({ constraints: [{ ...gpu, relaxAfter: 500 }] })
    const scores = (wishes: Partial<Seeker>) =>
      [499, 500].map((waited) => rankOf(newSeeker(wishes), group, waited)?.score ?? null)
    assert.deepStrictEqual(scores({}), [null, 0.28])
    assert.deepStrictEqual(scores(skilled({ gpu: true })), [0.88, 0.88])
    assert.deepStrictEqual(scores({ keptFrom: new Set(["type"]) }), [null, null])
  })
})

describe("assigneeOf", () => {
  it("is the first of them, with the three that come next", () => {
    const ranks = ["a", "b", "c", "d", "e"].map((worker, place) => ({
      seeker: newSeeker({ worker }),
      score: place === 4 ? 1 : 0.5,
      scoreAfterFailure: 0
    }))
    const assignee = present(assigneeOf(bestFirst(ranks)))
    assert.deepStrictEqual(
      [assignee.seeker.worker, assignee.score, assignee.runnersUp.map(({ worker }) => worker)],
      ["e", 1, ["a", "b", "c"]]
    )
    assert.isNull(assigneeOf([]))
  })
})

describe("shareOut", () => {
  const groups = [aGroup({ id: 1, type: "a" }), aGroup({ id: 2, type: "b", priority: 3 })]
  const shares = (some: typeof groups, those: ReadonlyArray<Seeker>, count = 10) =>
    shareOut(some, those, count)?.map(({ score, seeker }) => `${seeker.worker} ${score}`) ?? null

  it("gives everybody one, the best first, before anybody gets a second, who is busier by then", () => {
    const those = seekers({ busy: { running: 1, max: 3 }, free: { max: 1 }, other: { max: 2 } })
    const expected = ["free 0.88", "other 0.88", "busy 0.83", "other 0.83", "busy 0.81", "busy 0.8"]
    for (const count of [0, 1, 4, 6, 9]) {
      assert.deepStrictEqual(shares(groups, those, count), expected.slice(0, count))
    }
  })

  it("does not answer where it matters who gets which", () => {
    const two = seekers({ one: {}, two: {} })
    const wishing = aGroup({ id: 3, constraints: [{ ...gpu, weight: 1 }] })
    const needing = aGroup({ id: 4, constraints: [gpu] })
    const relaxing = aGroup({ id: 5, constraints: [{ ...gpu, relaxAfter: 1 }] })
    assert.deepStrictEqual(shares([wishing], two), ["one 0.28", "two 0.28"])
    assert.isNull(shares([wishing, ...groups], two))
    assert.isNull(shares([needing], two))
    assert.isNull(shares([relaxing], seekers({ one: skilled({ gpu: true }) })))
    assert.isNull(shares(groups, seekers({ one: {}, kept: { keptFrom: new Set(["b"]) } })))
    assert.isNull(shares(groups, seekers({ one: { records: new Map([["a", 0.9]]) } })))
    assert.isNull(
      shares(groups, seekers({ one: {}, picky: { accepted: acceptedJobs([{ tag: "x", op: "exists" }]) } }))
    )
    assert.isNull(shares([], two))
  })

  it("does not answer for more than those jobs that suit alike with the load that there is by then", () => {
    // 0.88 and 0.83 of both, and then 0.81 and 0.82.
    const records = new Map([
      ["a", 0.7],
      ["b", 0.705]
    ])
    const those = seekers({ one: { records, max: 3 } })
    assert.deepStrictEqual(shares(groups, those, 2), ["one 0.88", "one 0.83"])
    assert.isNull(shares(groups, those, 3))
  })
})
