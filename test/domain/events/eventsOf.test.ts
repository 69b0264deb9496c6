import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Schema } from "effect"
import { BossEvent, longestText, type NewEvent, shorten } from "../../../src/domain/events/BossEvent.ts"
import type { Constraint } from "../../../src/domain/matching/Constraint.ts"
import { eventsOf, inShort } from "../../../src/domain/events/eventsOf.ts"
import type { JobChange } from "../../../src/domain/jobs/JobChange.ts"
import { ProjectId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import { after, aGroup, aJob, anAttempt } from "../support/records.ts"

const project = ProjectId.make("00000000-0000-7000-8000-000000000009")
const live = anAttempt({ number: 3, worker: "render-7" })
const job = (details: Partial<JobRecord>) =>
  aJob({
    group: aGroup({ type: "video.cut" }),
    version: 3,
    project,
    runAt: after(7_000),
    attempt: live,
    ...details
  })
const over = (
  outcome: "done" | "failed" | "lost" | "timed-out" | "cancelled" | "released",
  endedVersion = 3
) => anAttempt({ ...live, outcome, endedAt: after(5_000), endedVersion })

const runAt = "1970-01-01T00:00:07.000Z"
const ofJob = { job: live.job, type: "video.cut", project }
const ofAttempt = { ...ofJob, worker: "render-7", attempt: live.id, attemptNumber: 3 }
const ofJobAlone = { ...ofJob, worker: null, attempt: null, attemptNumber: null }
const error = { message: "no such file", stack: "…" }
const reason = "no such file"
const cancelRequest = { by: "ann", reason: "a mistake" }
const ended = { finishedAt: after(5_000) }

const takers = {
  able: 0,
  atLeast: false,
  reason: "too small",
  nearest: {
    constraint: { skill: "memoryGb", op: "gte", value: 8 },
    rejects: 2,
    worker: "render-7",
    value: 4
  }
} as const
const constraints: ReadonlyArray<Constraint> = [
  { skill: "region", op: "eq", value: "eu", relaxAfter: 30_000 },
  { skill: "memoryGb", op: "gte", value: 8 },
  { skill: "gpu", op: "exists", relaxAfter: 30_000 },
  { skill: "zone", op: "eq", value: 1, relaxAfter: 60_000 },
  { skill: "label", op: "eq", value: "x".repeat(1_000), relaxAfter: 30_000 }
]

const cases: ReadonlyArray<
  readonly [what: string, change: JobChange, job: JobRecord, events: ReadonlyArray<NewEvent>]
> = [
  [
    "a creation",
    "created",
    job({ status: "pending", attempt: null }),
    [{ event: "job.created", ...ofJob, runAt }]
  ],
  ["that a job became due", "promoted", job({ status: "pending" }), []],
  ["an assignment", "assigned", job({}), [{ event: "job.assigned", ...ofAttempt }]],
  ["a first sign of life", "started", job({}), [{ event: "job.started", ...ofAttempt }]],
  [
    "a result",
    "ended",
    job({ status: "done", attempt: over("done"), ...ended }),
    [{ event: "job.done", ...ofAttempt }]
  ],
  [
    "a failure that is tried again",
    "ended",
    job({ status: "scheduled", attempt: over("failed") }),
    [{ event: "job.retrying", ...ofAttempt, nextRunAt: runAt, reason, by: null }]
  ],
  [
    "the last failure",
    "ended",
    job({ status: "failed", attempt: over("failed"), ...ended }),
    [{ event: "job.failed", ...ofAttempt, reason }]
  ],
  [
    "a loss that is tried again",
    "ended",
    job({ status: "pending", attempt: over("lost") }),
    [
      { event: "attempt.lost", ...ofAttempt, reason },
      { event: "job.retrying", ...ofAttempt, nextRunAt: runAt, reason, by: null }
    ]
  ],
  [
    "the last loss",
    "ended",
    job({ status: "failed", attempt: over("lost"), ...ended }),
    [
      { event: "attempt.lost", ...ofAttempt, reason },
      { event: "job.failed", ...ofAttempt, reason }
    ]
  ],
  [
    "an attempt that ran too long",
    "ended",
    job({ status: "scheduled", attempt: over("timed-out") }),
    [
      { event: "attempt.timed-out", ...ofAttempt, reason },
      { event: "job.retrying", ...ofAttempt, nextRunAt: runAt, reason, by: null }
    ]
  ],
  [
    "a release",
    "ended",
    job({ status: "pending", attempt: over("released") }),
    [{ event: "attempt.released", ...ofAttempt, reason }]
  ],
  [
    "a release of what is to be cancelled",
    "ended",
    job({ status: "cancelled", attempt: over("released"), cancelRequest, ...ended }),
    [
      { event: "attempt.released", ...ofAttempt, reason },
      { event: "job.cancelled", ...ofAttempt, ...cancelRequest }
    ]
  ],
  [
    "a fence after the grace",
    "ended",
    job({ status: "cancelled", attempt: over("cancelled"), cancelRequest, ...ended }),
    [{ event: "job.cancelled", ...ofAttempt, ...cancelRequest }]
  ],
  [
    "a cancellation of a job that waits, by somebody without a name or a reason",
    "cancelled",
    job({
      status: "cancelled",
      attempt: over("failed", 2),
      cancelRequest: { by: null, reason: null },
      ...ended
    }),
    [{ event: "job.cancelled", ...ofJobAlone, by: null, reason: null }]
  ],
  ["a request to cancel what runs", "cancelled", job({ cancelRequest }), []],
  [
    "a retry by hand",
    "retried",
    job({ status: "pending", attempt: over("failed", 2) }),
    [{ event: "job.retrying", ...ofJobAlone, nextRunAt: runAt, reason: null, by: "bob" }]
  ],
  [
    "the expiry of a job that waits since its attempt timed out, were it at the same moment",
    "expired",
    job({ status: "failed", attempt: over("timed-out", 2), ...ended }),
    [{ event: "job.failed", ...ofJobAlone, reason: "expired" }]
  ],
  [
    "the expiry of a job that runs",
    "expired",
    job({ status: "failed", attempt: over("timed-out"), ...ended }),
    [
      { event: "attempt.timed-out", ...ofAttempt, reason: "expired" },
      { event: "job.failed", ...ofAttempt, reason: "expired" }
    ]
  ],
  [
    "that nobody claims it",
    "unclaimed",
    job({ status: "pending", attempt: null }),
    [{ event: "job.unclaimed", ...ofJob, runAt, ...takers }]
  ],
  [
    "that constraints are relaxed, of the time that is over, in short",
    "relaxed",
    job({ status: "pending", attempt: null, group: aGroup({ type: "video.cut", constraints }) }),
    [
      {
        event: "job.relaxed",
        ...ofJob,
        runAt,
        after: "30s",
        constraints: [
          { skill: "region", op: "eq", value: "eu" },
          { skill: "gpu", op: "exists" },
          { skill: "label", op: "eq", value: `"${"x".repeat(78)}…` }
        ]
      }
    ]
  ]
]

describe("eventsOf", () => {
  it.each(cases)("tells of %s", (_, change, changed, events) => {
    const by = change === "retried" ? "bob" : null
    const told = eventsOf(change, changed, { by, error, takers, relaxedAfter: Duration.seconds(30) })
    assert.deepStrictEqual(told, events)
    const at = DateTime.formatIso(after(0))
    for (const event of told)
      Schema.decodeUnknownSync(BossEvent, { onExcessProperty: "error" })({ ...event, at })
  })
})

it("tells of no more relaxed constraints than an event can carry", () => {
  const many = Array.from({ length: 64 }, (_, index): Constraint => ({
    skill: `skill-${index}${"x".repeat(110)}`,
    op: "eq",
    value: "\u0000".repeat(1_000),
    relaxAfter: 30_000
  }))
  const changed = job({ status: "pending", attempt: null, group: aGroup({ constraints: many }) })
  const told = eventsOf("relaxed", changed, { by: null, error, relaxedAfter: Duration.seconds(30) })
  assert.isBelow(JSON.stringify(told).length, 7_500)
  assert.deepStrictEqual(
    told.map((event) => event.event === "job.relaxed" && event.constraints.length),
    [8]
  )
})

describe("an error in short", () => {
  it.each([
    [null, null],
    ["broken", "broken"],
    [{ message: "broken", code: 7 }, "broken"],
    [{ message: 7 }, '{"message":7}'],
    [[1, false], "[1,false]"],
    ["x".repeat(longestText), "x".repeat(longestText)],
    ["x".repeat(longestText + 1), `${"x".repeat(longestText - 1)}…`]
  ])("of %j is %j", (error, text) => {
    assert.strictEqual(inShort(error), text)
  })

  it("does not end in half a character", () => {
    const text = shorten("😀".repeat(longestText))
    assert.isTrue(text.isWellFormed())
    assert.isAtMost(text.length, longestText)
  })
})
