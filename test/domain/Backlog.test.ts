import { assert, describe, it } from "@effect/vitest"
import * as Backlog from "../../src/domain/Backlog.ts"
import type { Suitability } from "../../src/domain/Matching.ts"
import { aGroup } from "./records.ts"

const anybody: Suitability = { types: [], skills: {}, accepts: [] }

const heard = (...groups: ReadonlyArray<readonly [Parameters<typeof aGroup>[0], number]>) => {
  const backlog = Backlog.make()
  for (const [group, count] of groups) backlog.hear(aGroup(group), count)
  return backlog
}
const ids = ({ groups }: Backlog.Prospect) => groups.map(({ id }) => id)

describe("Backlog", () => {
  it("knows nothing at first", () => {
    const prospect = heard().prospect(anybody, 10, new Map())
    assert.deepStrictEqual([ids(prospect), prospect.expected], [[], 0])
    assert.isUndefined(heard().get(1))
  })

  it("lists the groups of the highest priority first, and no more than asked", () => {
    const backlog = heard([{ id: 1, priority: -5 }, 1], [{ id: 2, priority: 7 }, 2], [{ id: 3 }, 4])
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, new Map())), [2, 3, 1])
    const some = backlog.prospect(anybody, 2, new Map())
    assert.deepStrictEqual([ids(some), some.expected], [[2, 3], 6])
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 0, new Map())), [])
    assert.strictEqual(backlog.get(3)?.id, 3)
  })

  it("lists only what the worker may do", () => {
    const backlog = heard(
      [{ id: 1, type: "a" }, 1],
      [{ id: 2, type: "b" }, 1],
      [{ id: 3, type: "b", constraints: [{ skill: "x", op: "exists" }] }, 1]
    )
    assert.deepStrictEqual(ids(backlog.prospect({ ...anybody, types: ["b"] }, 10, new Map())), [2])
    assert.deepStrictEqual(ids(backlog.prospect({ ...anybody, skills: { x: 1 } }, 10, new Map())), [1, 2, 3])
  })

  it("adds up what it hears, and takes off what was given, down to one that may still be there", () => {
    const backlog = heard([{ id: 1 }, 2], [{ id: 1 }, 1])
    const expected = () => backlog.prospect(anybody, 10, new Map()).expected
    assert.strictEqual(expected(), 3)
    for (const left of [2, 1, 1]) {
      backlog.gave(1)
      assert.strictEqual(expected(), left)
    }
    backlog.gave(99)
    assert.strictEqual(expected(), 1)
  })

  it("suspects more only where it knows of something", () => {
    const backlog = heard([{ id: 1 }, 2])
    backlog.suspect(1, 10)
    backlog.suspect(2, 10)
    const prospect = backlog.prospect(anybody, 10, new Map())
    assert.deepStrictEqual([ids(prospect), prospect.expected], [[1], 12])
  })

  it("leaves out where it was asked in vain, until more is heard of it, for this kind of worker alone", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1])
    const asked: Backlog.Asked = new Map()
    const first = backlog.prospect(anybody, 1, asked)
    first.askedInVain()
    backlog.suspect(1, 10)
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, asked)), [2])
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, new Map())).toSorted(), [1, 2])
    backlog.hear(aGroup({ id: 1 }), 1)
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, asked)).toSorted(), [1, 2])
  })

  it("asks again where more was heard while it was being asked, even if it was forgotten meanwhile", () => {
    const backlog = heard([{ id: 1 }, 1])
    const asked: Backlog.Asked = new Map()
    const prospect = backlog.prospect(anybody, 10, asked)
    backlog.prospect(anybody, 10, new Map()).forget()
    backlog.hear(aGroup({ id: 1 }), 1)
    prospect.askedInVain()
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, asked)), [1])
  })

  it("forgets what was looked for in vain, save what was heard of meanwhile", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1], [{ id: 3, type: "other" }, 1])
    const prospect = backlog.prospect({ ...anybody, types: ["type"] }, 10, new Map())
    backlog.hear(aGroup({ id: 2 }), 1)
    prospect.forget()
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, new Map())), [2, 3])
    assert.isUndefined(backlog.get(1))
  })

  it("does not forget a group that came back after it was forgotten", () => {
    const backlog = heard([{ id: 1 }, 1])
    const early = backlog.prospect(anybody, 10, new Map())
    const late = backlog.prospect(anybody, 10, new Map())
    late.forget()
    backlog.hear(aGroup({ id: 1 }), 1)
    early.forget()
    assert.deepStrictEqual(ids(backlog.prospect(anybody, 10, new Map())), [1])
  })
})
