import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type EventFilter, EventNames, wanted } from "../../../src/domain/events/EventFilter.ts"

const lost = { name: "attempt.lost", type: "video.cut", project: "p", worker: "w" }
const gone = { name: "worker.gone", type: null, project: null, worker: "w" }

describe("a filter of events", () => {
  it.each<readonly [EventFilter, lost: boolean, gone: boolean]>([
    [{}, true, true],
    [{ type: "video.*" }, true, false],
    [{ type: "video.cut" }, true, false],
    [{ type: "video" }, false, false],
    [{ type: "*" }, true, false],
    [{ project: "p" }, true, false],
    [{ project: "q" }, false, false],
    [{ worker: "w" }, true, true],
    [{ worker: "v" }, false, false],
    [{ event: "attempt.lost" }, true, false],
    [{ event: "worker.*,job.done" }, false, true],
    [{ event: "job.*" }, false, false],
    [{ event: "stats" }, false, false],
    [{ type: "video.*", worker: "v" }, false, false]
  ])("%j", (filter, isLost, isGone) => {
    const isWanted = wanted(filter)
    assert.deepStrictEqual([isWanted(lost), isWanted(gone)], [isLost, isGone])
  })

  it.each(["job.*", "job.done", "attempt.lost,worker.*", "policy.changed", "stats"])("knows %s", (text) => {
    assert.isTrue(Schema.is(EventNames)(text))
  })

  it.each(["", "job", "job.", "*", "job.doen", "job.done,", "job.done, job.failed"])(
    "does not know %j",
    (text) => {
      assert.isFalse(Schema.is(EventNames)(text))
    }
  )
})
