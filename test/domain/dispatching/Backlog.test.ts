import { assert, describe, it } from "@effect/vitest"
import * as Backlog from "../../../src/domain/dispatching/Backlog.ts"
import type { JobGroup, Suitability } from "../../../src/domain/matching/Matching.ts"
import { aGroup, after } from "../support/records.ts"

const anybody: Suitability = { types: [], skills: {}, accepts: [] }

const heard = (...groups: ReadonlyArray<readonly [Parameters<typeof aGroup>[0], number]>) => {
  const backlog = Backlog.make()
  for (const [group, count] of groups) backlog.hear(aGroup(group), count, 0)
  return backlog
}
const anyGroup = () => true
const neverServed = () => 0
const allAlike = () => 0.5
const prospect = (
  backlog: Backlog.Backlog,
  limit: number,
  {
    asked = new Map(),
    mayGive = anyGroup,
    meritOf = allAlike,
    now = 0,
    suitability = anybody,
    turnOf = neverServed
  }: Partial<Backlog.Asking> = {}
) => backlog.prospect({ suitability, asked, mayGive, meritOf, now, turnOf }, limit)
const ids = ({ groups }: Backlog.Prospect) => groups.map(({ id }) => id)

describe("Backlog", () => {
  it("knows nothing at first", () => {
    const found = prospect(heard(), 10)
    assert.deepStrictEqual(ids(found), [])
    assert.isUndefined(heard().get(1))
  })

  it("lists the groups whose first jobs have the first standings, and no more than asked", () => {
    const backlog = heard([{ id: 1, priority: -5 }, 1], [{ id: 2, priority: 7 }, 2], [{ id: 3 }, 4])
    assert.sameMembers(ids(prospect(backlog, 10)), [1, 2, 3])
    const some = prospect(backlog, 1)
    assert.deepStrictEqual([ids(some), backlog.expected(2)], [[2], 2])
    assert.strictEqual(backlog.get(3)?.id, 3)
    assert.deepStrictEqual(ids(prospect(backlog, 0)), [])
    // A job of low priority that has waited for long comes before one of high priority.
    backlog.begins(1, after(-121 * 60_000))
    assert.deepStrictEqual(ids(prospect(backlog, 1)), [1])
  })

  it("lets each group have its turn, whatever keeps coming that has a better standing", () => {
    const backlog = heard(
      ...Array.from({ length: 20 }, (_, id) => [{ id, priority: id === 0 ? 0 : 9 }, 1] as const)
    )
    const seen: Array<number> = []
    for (let turn = 0; turn < 12; turn++) {
      seen.push(...ids(prospect(backlog, 8)))
      backlog.hear(aGroup({ id: 100 + turn, priority: 9 }), 1, 0)
    }
    assert.includeMembers(
      seen,
      Array.from({ length: 20 }, (_, id) => id)
    )
  })

  it("lists what was probably given away whole only after the others, until there is news of it", () => {
    const backlog = heard(
      ...Array.from({ length: 20 }, (_, id) => [{ id, priority: id < 12 ? 9 : 0 }, 1] as const)
    )
    for (let id = 0; id < 12; id++) backlog.gave(id, after(0))
    // All but the place of who has not been listed for longest.
    assert.includeMembers(ids(prospect(backlog, 8)), [12, 13, 14, 15, 16, 17])
    backlog.hear(aGroup({ id: 3, priority: 9 }), 1, 1_000)
    assert.strictEqual(ids(prospect(backlog, 8))[0], 3)
  })

  it("takes news of what was given away whole for that of a new job", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1])
    backlog.gave(1, after(-5_000))
    backlog.hear(aGroup({ id: 1 }), 1, 1_000)
    assert.deepStrictEqual(ids(prospect(backlog, 1)), [2])
  })

  it("lists the groups whose keys were served longest ago, though others have better standings", () => {
    const backlog = heard(...Array.from({ length: 20 }, (_, id) => [{ id, priority: -id }, 1] as const))
    const turnOf = ({ id }: JobGroup) => (id === 19 ? 1 : 2)
    assert.include(ids(prospect(backlog, 4, { turnOf })), 19)
  })

  it("lists the groups that suit the worker best, as long as none has waited for much longer", () => {
    const backlog = heard(...Array.from({ length: 20 }, (_, id) => [{ id }, 1] as const))
    const meritOf = ({ id }: JobGroup) => (id === 19 ? 0.9 : 0.1)
    assert.deepStrictEqual(ids(prospect(backlog, 1, { meritOf })), [19])
    backlog.begins(7, after(-1))
    assert.deepStrictEqual(ids(prospect(backlog, 1, { meritOf })), [19])
    // Ten minutes more are worth more than any merit.
    backlog.begins(7, after(-10 * 60_000))
    assert.deepStrictEqual(ids(prospect(backlog, 1, { meritOf })), [7])
  })

  it("asks for the merit of a job that has waited for as long as the group's first has", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2, priority: 3 }, 1])
    backlog.gave(1, after(-5_000))
    const asked = new Set<number>()
    const meritOf = ({ id }: JobGroup, waited: number) => (asked.add(waited + id), 0)
    prospect(backlog, 1, { meritOf, now: 60_000 })
    assert.deepStrictEqual([...asked], [])
    backlog.hear(aGroup({ id: 3, priority: 3 }), 1, 10_000)
    prospect(backlog, 1, { meritOf, now: 60_000 })
    assert.sameMembers([...asked], [60_002, 50_003])
  })

  it("lists some for their standings alone, though none would be chosen first by what is known", () => {
    const backlog = heard(...Array.from({ length: 40 }, (_, id) => [{ id, priority: -id }, 1] as const))
    const turnOf = ({ id }: JobGroup) => (id < 10 ? 2 : 1)
    assert.includeMembers(ids(prospect(backlog, 16, { turnOf })), [0, 1, 2, 3])
    assert.includeMembers(ids(prospect(backlog, 16, { turnOf })), [0, 1, 2, 3])
  })

  it("takes what is due only by the clock of another machine for what has just come", () => {
    const backlog = heard(...Array.from({ length: 20 }, (_, id) => [{ id }, 1] as const))
    for (let id = 0; id < 20; id++) backlog.begins(id, after(600_000))
    const asked = new Set<number>()
    const meritOf = (_: JobGroup, waited: number) => (asked.add(waited), 0.5)
    prospect(backlog, 8, { meritOf })
    assert.deepStrictEqual([...asked], [0])
  })

  it("lists only what the worker may do", () => {
    const backlog = heard(
      [{ id: 1, type: "a" }, 1],
      [{ id: 2, type: "b" }, 1],
      [{ id: 3, type: "b", constraints: [{ skill: "x", op: "exists" }] }, 1]
    )
    assert.deepStrictEqual(ids(prospect(backlog, 10, { suitability: { ...anybody, types: ["b"] } })), [2])
    assert.deepStrictEqual(
      ids(prospect(backlog, 10, { suitability: { ...anybody, skills: { x: 1 } } })),
      [1, 2, 3]
    )
    const mayGive = ({ type }: JobGroup) => type === "a"
    assert.deepStrictEqual(ids(prospect(backlog, 10, { mayGive })), [1])
  })

  it("adds up what it hears, and takes off what was given, down to one that may still be there", () => {
    const backlog = heard([{ id: 1 }, 2], [{ id: 1 }, 1])
    const expected = () => backlog.expected(1)
    assert.strictEqual(expected(), 3)
    for (const left of [2, 1, 1]) {
      backlog.gave(1, after(0))
      assert.strictEqual(expected(), left)
    }
    backlog.gave(99, after(0))
    assert.strictEqual(expected(), 1)
  })

  it("suspects more only where it knows of something", () => {
    const backlog = heard([{ id: 1 }, 2])
    backlog.suspect(1, 10)
    backlog.suspect(2, 10)
    const found = prospect(backlog, 10)
    assert.deepStrictEqual([ids(found), backlog.expected(1), backlog.expected(2)], [[1], 12, 0])
  })

  it("leaves out where it was asked in vain, until more is heard of it, for this kind of worker alone", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1])
    const asked: Backlog.Asked = new Map()
    const first = prospect(backlog, 1, { asked })
    first.askedInVain(anyGroup)
    backlog.suspect(1, 10)
    assert.deepStrictEqual(ids(prospect(backlog, 10, { asked })), [2])
    assert.deepStrictEqual(ids(prospect(backlog, 10)).toSorted(), [1, 2])
    backlog.hear(aGroup({ id: 1 }), 1, 0)
    assert.deepStrictEqual(ids(prospect(backlog, 10, { asked })).toSorted(), [1, 2])
  })

  it("asks again where more was heard while it was being asked, even if it was forgotten meanwhile", () => {
    const backlog = heard([{ id: 1 }, 1])
    const asked: Backlog.Asked = new Map()
    const found = prospect(backlog, 10, { asked })
    prospect(backlog, 10).forget(anyGroup)
    backlog.hear(aGroup({ id: 1 }), 1, 0)
    found.askedInVain(anyGroup)
    assert.deepStrictEqual(ids(prospect(backlog, 10, { asked })), [1])
  })

  it("forgets what was looked for in vain, save what was heard of meanwhile", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1], [{ id: 3, type: "other" }, 1])
    const found = prospect(backlog, 10, { suitability: { ...anybody, types: ["type"] } })
    backlog.hear(aGroup({ id: 2 }), 1, 0)
    found.forget(anyGroup)
    assert.deepStrictEqual(ids(prospect(backlog, 10)), [2, 3])
    assert.isUndefined(backlog.get(1))
  })

  it("does not forget a group that came back after it was forgotten", () => {
    const backlog = heard([{ id: 1 }, 1])
    const early = prospect(backlog, 10)
    const late = prospect(backlog, 10)
    late.forget(anyGroup)
    backlog.hear(aGroup({ id: 1 }), 1, 0)
    early.forget(anyGroup)
    assert.deepStrictEqual(ids(prospect(backlog, 10)), [1])
  })

  it("knows a bounded number of groups, and drops those that it heard of longest ago", () => {
    const backlog = Backlog.make()
    const hear = (id: number) => backlog.hear(aGroup({ id, fairnessKey: `tenant-${id}` }), 1, 0)
    for (let id = 1; id <= Backlog.mostKnown; id++) assert.isTrue(hear(id))
    assert.isTrue(hear(1))
    assert.isFalse(hear(Backlog.mostKnown + 1))
    assert.deepStrictEqual(
      [1, 2, 3].map((id) => backlog.get(id)?.id),
      [1, undefined, 3]
    )
    assert.lengthOf(ids(prospect(backlog, Infinity)), Backlog.mostKnown)
  })

  it("begins anew with what remains, and what was heard of meanwhile", () => {
    const backlog = heard([{ id: 1 }, 1], [{ id: 2 }, 1], [{ id: 3 }, 1])
    const forgetOthers = backlog.beginAnew()
    backlog.hear(aGroup({ id: 2 }), 1, 0)
    backlog.hear(aGroup({ id: 4 }), 1, 0)
    forgetOthers((id) => id === 1)
    assert.sameMembers(ids(prospect(backlog, 10)), [1, 2, 4])
  })

  it("matches groups that differ in fairness key alone once, together", () => {
    const backlog = Backlog.make()
    let looks = 0
    const skills = {
      get x() {
        looks += 1
        return 1
      }
    }
    for (let id = 1; id <= 100; id++) {
      const constraints = [{ skill: "x", op: "exists" } as const]
      backlog.hear(aGroup({ id, fairnessKey: `tenant-${id}`, constraints }), 1, 0)
    }
    assert.lengthOf(ids(prospect(backlog, 200, { suitability: { ...anybody, skills } })), 100)
    assert.strictEqual(looks, 1)
  })
})
