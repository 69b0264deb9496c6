/** How far a project has come, what it takes, and what its followers are told. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import { anyone, type Caller } from "../../../src/domain/access/Caller.ts"
import { ProjectId } from "../../../src/domain/Identifiers.ts"
import { noJobs } from "../../../src/domain/stats/Flow.ts"
import {
  addsToProjectsOf,
  type CountedProject,
  percentOf,
  type ProjectRecord,
  refusalOf,
  toProject
} from "../../../src/domain/projects/Project.ts"
import { hasSeenTheEnd, newsOf, positionOf } from "../../../src/domain/projects/ProjectFollowing.ts"

const at = DateTime.makeUnsafe(1_000)
const open: ProjectRecord = {
  id: ProjectId.make("00000000-0000-7000-8000-000000000001"),
  name: "project",
  metadata: {},
  createdBy: "ann",
  createdAt: at,
  closedAt: null,
  cancelRequest: null,
  finishedAt: null
}
const closed = { ...open, closedAt: at }
const finished = { ...closed, finishedAt: at }
const wish = { by: null, reason: null }

const counted = (counts: Partial<typeof noJobs>, runningPercent = 0, project = open): CountedProject => ({
  project,
  counts: { ...noJobs, ...counts },
  runningPercent
})

describe("projects", () => {
  it.each([
    ["no jobs yet", counted({}), 0],
    ["no jobs ever", counted({}, 0, closed), 100],
    ["all finished", counted({ done: 1, failed: 1, cancelled: 1 }), 100],
    ["a third", counted({ done: 1, pending: 1, scheduled: 1 }), 33],
    ["by progress", counted({ done: 1, processing: 3 }, 150), 62],
    ["nearly all", counted({ done: 999, processing: 1 }, 99), 99],
    ["all said, not all done", counted({ processing: 2 }, 200), 99]
  ])("have come so far: %s", (_, project, percent) => assert.strictEqual(percentOf(project), percent))

  it.each([
    [open, "open"],
    [closed, "closed"],
    [finished, "finished"],
    [{ ...closed, cancelRequest: wish }, "cancelled"],
    [{ ...finished, cancelRequest: wish }, "cancelled"]
  ])("have a status: %#", (record, status) => assert.strictEqual(toProject(record).status, status))

  it("take jobs of who may add to them, while they are open", () => {
    assert.deepStrictEqual(
      [refusalOf(undefined, null), refusalOf(open, null), refusalOf(open, "ann"), refusalOf(open, "bob")],
      ["unknown", null, null, "foreign"]
    )
    assert.strictEqual(refusalOf(closed, "ann"), "closed")
    assert.strictEqual(refusalOf({ ...open, createdBy: null }, "ann"), "foreign")
    const client: Caller = { name: Option.some("ann/1"), role: "client", token: null }
    assert.strictEqual(addsToProjectsOf(client), "ann")
    assert.isNull(addsToProjectsOf(anyone(Option.none())))
  })

  it("tell followers of what changed, and of the end", () => {
    const tags = (before: CountedProject | null, after: CountedProject) =>
      newsOf(before, after).map(({ _tag }) => _tag)
    const running = counted({ processing: 2 })
    assert.deepStrictEqual(tags(null, running), ["Standing"])
    assert.deepStrictEqual(tags(running, running), [])
    assert.deepStrictEqual(tags(running, counted({ processing: 2 }, 20)), ["Percent"])
    assert.deepStrictEqual(tags(running, counted({ processing: 2 }, 1)), [])
    const end = counted({ done: 2 }, 0, finished)
    assert.deepStrictEqual(tags(running, end), ["Standing", "End"])
    assert.isTrue(hasSeenTheEnd(end, positionOf(end)))
    assert.isFalse(hasSeenTheEnd(end, positionOf(running)))
    assert.isFalse(hasSeenTheEnd(running, positionOf(running)))
  })
})
