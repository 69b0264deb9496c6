import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { clearanceOf } from "../../../src/domain/jobs/Retention.ts"
import type { FinishedJobs } from "../../../src/domain/jobs/RetentionRepo.ts"

const retention = { done: Duration.minutes(7), failed: Duration.minutes(30) }

const finished = (kind: FinishedJobs["kind"], minutes: number): FinishedJobs => ({
  type: "a",
  kind,
  age: Duration.minutes(minutes)
})

describe("clearanceOf", () => {
  it("clears what is as old as it may be, by the retention of its kind", () => {
    const oldest = finished("done", 7)
    assert.deepStrictEqual(clearanceOf([{ oldest, retention }]), { outdated: [oldest], next: null })
    assert.deepStrictEqual(
      clearanceOf([
        { oldest: finished("done", 9), retention },
        { oldest: finished("failed", 9), retention }
      ]),
      { outdated: [oldest], next: Duration.minutes(21) }
    )
  })

  it("says when the first of those will be as old as it may be that are not yet", () => {
    assert.deepStrictEqual(
      clearanceOf([
        { oldest: finished("failed", 28), retention },
        { oldest: finished("done", 6), retention },
        { oldest: finished("done", 1), retention }
      ]),
      { outdated: [], next: Duration.minutes(1) }
    )
  })

  it("keeps for good what has no limit", () => {
    const forEver = { done: null, failed: null }
    assert.deepStrictEqual(
      clearanceOf([
        { oldest: finished("done", 1e9), retention: forEver },
        { oldest: finished("failed", 1e9), retention: forEver }
      ]),
      { outdated: [], next: null }
    )
    assert.deepStrictEqual(clearanceOf([]), { outdated: [], next: null })
  })

  it("clears at once what is not to be kept at all", () => {
    const atOnce = { done: Duration.zero, failed: null }
    const oldest = finished("done", 0)
    assert.deepStrictEqual(clearanceOf([{ oldest, retention: atOnce }]).outdated, [oldest])
  })
})
