import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as DueAfter from "../../../src/domain/jobs/dueAfter.ts"
import type { ChangedJob } from "../../../src/domain/jobs/Job.ts"
import type { JobChange } from "../../../src/domain/jobs/JobChange.ts"
import { ProjectId } from "../../../src/domain/Identifiers.ts"
import { after, aGroup, aJob, anAttempt } from "../support/records.ts"

const project = ProjectId.make("00000000-0000-7000-8000-000000000002")
const relaxing = aGroup({
  constraints: [
    { skill: "gpu", op: "exists", relaxAfter: 9_000 },
    { skill: "ram", op: "exists", relaxAfter: 4_000 }
  ]
})
const pending = aJob({ status: "pending", attempt: null })
const scheduled = aJob({ status: "scheduled", attempt: null, runAt: after(3_000) })
const alert = Duration.seconds(2)
const unclaimed = (job: ChangedJob, change: JobChange) => DueAfter.unclaimedAfter(job, change, alert)

const attempt = (details: Parameters<typeof anAttempt>[0]) => aJob({ attempt: anAttempt(details) })

type Decision = (job: ChangedJob, change: JobChange) => Duration.Duration | null

/** The job, what happened to it, and the milliseconds after which it is due. */
const cases: ReadonlyArray<
  readonly [string, Decision, ReadonlyArray<readonly [ChangedJob, JobChange, number | null]>]
> = [
  [
    "an attempt is overdue with the first of its clocks",
    DueAfter.overdueAfter,
    [
      [attempt({}), "assigned", 10_000],
      [attempt({ pickupBy: after(2_000) }), "assigned", 2_000],
      [attempt({ runUntil: after(1_000) }), "started", 1_000],
      [attempt({ cancelAt: after(5_000) }), "cancelled", 0],
      [aJob({ status: "done" }), "ended", null],
      [pending, "created", null]
    ]
  ],
  [
    "a scheduled job is promoted when it is due, counted from its creation or from the end of its attempt",
    DueAfter.promotedAfter,
    [
      [scheduled, "created", 3_000],
      [{ ...scheduled, attempt: anAttempt({ endedAt: after(1_000) }) }, "ended", 2_000],
      [scheduled, "amended", 0],
      [pending, "created", null]
    ]
  ],
  [
    "a job that has not begun expires",
    DueAfter.expiredAfter,
    [
      [{ ...pending, expiresIn: Duration.seconds(7) }, "created", 7_000],
      [{ ...scheduled, expiresIn: Duration.seconds(7) }, "created", 7_000],
      [aJob({ expiresIn: Duration.seconds(7) }), "assigned", null],
      [pending, "created", null]
    ]
  ],
  [
    "the constraint that is relaxed first counts",
    DueAfter.relaxedAfter,
    [
      [{ ...pending, group: relaxing }, "created", 4_000],
      [{ ...pending, group: relaxing }, "amended", 0],
      [{ ...pending, group: relaxing }, "relaxed", null],
      [{ ...pending, group: relaxing }, "unclaimed", null],
      [aJob({ group: relaxing }), "assigned", null],
      [pending, "created", null],
      [pending, "amended", null]
    ]
  ],
  [
    "a job that begins to wait for a worker may be waiting for too long",
    unclaimed,
    [
      [pending, "created", 2_000],
      [pending, "promoted", 2_000],
      [pending, "retried", 2_000],
      [pending, "amended", 2_000],
      [pending, "ended", null],
      [pending, "unclaimed", null],
      [scheduled, "created", null]
    ]
  ],
  [
    "the end of a job may be that of its project",
    DueAfter.projectFinishedAfter,
    [
      [aJob({ status: "done", project }), "ended", 50],
      [aJob({ status: "cancelled", project }), "cancelled", 50],
      [aJob({ project }), "assigned", null],
      [aJob({ status: "done" }), "ended", null]
    ]
  ]
]

describe("what is due after a change", () => {
  it.each(cases)("%s", (_, decide, expected) => {
    for (const [job, change, millis] of expected) {
      const wait = decide(job, change)
      assert.strictEqual(wait === null ? null : Duration.toMillis(wait), millis, `${job.status}, ${change}`)
    }
  })

  it("nobody needs to know of what waits where the policy does not say so", () => {
    assert.isNull(DueAfter.unclaimedAfter(pending, "created", null))
  })
})
