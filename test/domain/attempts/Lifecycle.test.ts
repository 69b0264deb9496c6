import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { decide, done, type Report, type Transition } from "../../../src/domain/attempts/Lifecycle.ts"
import { defaultPolicy, type Policy } from "../../../src/domain/policies/Policy.ts"
import { after, aJob, anAttempt } from "../support/records.ts"

const policy: Policy = {
  ...defaultPolicy,
  maxAttempts: 3,
  maxLost: 2,
  backoff: { kind: "linear", initial: Duration.seconds(1), factor: 1, max: Duration.hours(1), jitter: 0.5 }
}

const failed = (details: { retryable?: boolean; retryIn?: Duration.Duration } = {}): Report => ({
  _tag: "Failed",
  error: { code: 1 },
  retryable: true,
  retryIn: null,
  ...details
})
const ranOut = (clock: "lease" | "pickup" | "maxRun" | "cancelGrace"): Report => ({
  _tag: "ClockRanOut",
  clock
})
const released: Report = { _tag: "Released" }
const succeeded: Report = { _tag: "Done", result: [1] }

type Summary = readonly [Transition["outcome"], Transition["status"], number | null, Transition["spends"]]

const summary = ({ outcome, spends, status, wait }: Transition): Summary => [
  outcome,
  status,
  wait === null ? null : Duration.toMillis(wait),
  spends
]

interface Case {
  readonly name: string
  readonly job?: Parameters<typeof aJob>[0]
  readonly chance?: number
  readonly report: Report
  readonly follows: Summary
}

const beingCancelled = { attempt: anAttempt({ cancelAt: after(5) }) }

const cases: ReadonlyArray<Case> = [
  { name: "a result ends the job", report: succeeded, follows: ["done", "done", null, "nothing"] },
  {
    name: "a result in the last moment counts, whatever was spent",
    job: { failures: 9, losses: 9, ...beingCancelled },
    report: succeeded,
    follows: ["done", "done", null, "nothing"]
  },

  { name: "a failure waits", report: failed(), follows: ["failed", "scheduled", 1_000, "failure"] },
  {
    name: "a second failure waits longer",
    job: { failures: 1 },
    report: failed(),
    follows: ["failed", "scheduled", 2_000, "failure"]
  },
  {
    name: "the last failure of the policy's budget ends the job",
    job: { failures: 2 },
    report: failed(),
    follows: ["failed", "failed", null, "failure"]
  },
  {
    name: "the job's own budget goes before the policy's: larger",
    job: { failures: 2, maxAttempts: 4 },
    report: failed(),
    follows: ["failed", "scheduled", 3_000, "failure"]
  },
  {
    name: "the job's own budget goes before the policy's: smaller",
    job: { maxAttempts: 1 },
    report: failed(),
    follows: ["failed", "failed", null, "failure"]
  },
  {
    name: "failures count, not attempts nor losses",
    job: { attempts: 50, losses: 50 },
    report: failed(),
    follows: ["failed", "scheduled", 1_000, "failure"]
  },
  {
    name: "chance spreads the wait down",
    chance: 0,
    report: failed(),
    follows: ["failed", "scheduled", 500, "failure"]
  },
  {
    name: "chance spreads the wait up",
    chance: 1,
    report: failed(),
    follows: ["failed", "scheduled", 1_500, "failure"]
  },
  {
    name: "a failure that is not retryable ends the job",
    report: failed({ retryable: false }),
    follows: ["failed", "failed", null, "failure"]
  },
  {
    name: "a failure that is not retryable ends the job, also with a wish for a retry",
    report: failed({ retryable: false, retryIn: Duration.seconds(1) }),
    follows: ["failed", "failed", null, "failure"]
  },
  {
    name: "the worker's wish goes before the backoff, without jitter",
    chance: 1,
    report: failed({ retryIn: Duration.millis(7) }),
    follows: ["failed", "scheduled", 7, "failure"]
  },
  {
    name: "a wish for no wait is pending at once",
    report: failed({ retryIn: Duration.zero }),
    follows: ["failed", "pending", 0, "failure"]
  },
  {
    name: "a wish does not enlarge the budget",
    job: { failures: 2 },
    report: failed({ retryIn: Duration.zero }),
    follows: ["failed", "failed", null, "failure"]
  },
  {
    name: "a failure while being cancelled cancels",
    job: beingCancelled,
    report: failed(),
    follows: ["failed", "cancelled", null, "failure"]
  },
  {
    name: "a last failure while being cancelled cancels",
    job: { failures: 2, ...beingCancelled },
    report: failed({ retryable: false }),
    follows: ["failed", "cancelled", null, "failure"]
  },

  {
    name: "maxRun spends a failure and waits",
    job: { failures: 1 },
    report: ranOut("maxRun"),
    follows: ["timed-out", "scheduled", 2_000, "failure"]
  },
  {
    name: "maxRun may spend the last failure",
    job: { failures: 2 },
    report: ranOut("maxRun"),
    follows: ["timed-out", "failed", null, "failure"]
  },
  {
    name: "maxRun while being cancelled cancels",
    job: beingCancelled,
    report: ranOut("maxRun"),
    follows: ["timed-out", "cancelled", null, "failure"]
  },

  {
    name: "silence is a loss, due at once",
    report: ranOut("lease"),
    follows: ["lost", "pending", 0, "loss"]
  },
  {
    name: "no first sign of life is a loss, due at once",
    report: ranOut("pickup"),
    follows: ["lost", "pending", 0, "loss"]
  },
  {
    name: "the last loss ends the job",
    job: { losses: 1 },
    report: ranOut("lease"),
    follows: ["lost", "failed", null, "loss"]
  },
  {
    name: "losses count apart from failures, and the job's budget is one of failures",
    job: { failures: 50, maxAttempts: 1 },
    report: ranOut("pickup"),
    follows: ["lost", "pending", 0, "loss"]
  },
  {
    name: "a loss while being cancelled cancels",
    job: { losses: 1, ...beingCancelled },
    report: ranOut("lease"),
    follows: ["lost", "cancelled", null, "loss"]
  },

  {
    name: "a release spends nothing, whatever was spent",
    job: { failures: 50, losses: 50 },
    report: released,
    follows: ["released", "pending", 0, "nothing"]
  },
  {
    name: "a release while being cancelled cancels",
    job: beingCancelled,
    report: released,
    follows: ["released", "cancelled", null, "nothing"]
  },
  {
    name: "the end of the grace cancels",
    job: beingCancelled,
    report: ranOut("cancelGrace"),
    follows: ["cancelled", "cancelled", null, "nothing"]
  }
]

const told = (report: Report) => {
  const { error, result } = decide(aJob(), report, policy, 0.5)
  return { error, result }
}

describe("decide", () => {
  it.each(cases)("$name", ({ chance = 0.5, follows, job, report }) => {
    assert.deepStrictEqual(summary(decide(aJob(job), report, policy, chance)), follows)
  })

  it("schedules nothing that the backoff lets go at once", () => {
    const backoff = { ...policy.backoff, initial: Duration.zero }
    assert.deepStrictEqual(summary(decide(aJob(), failed(), { ...policy, backoff }, 0.5)), [
      "failed",
      "pending",
      0,
      "failure"
    ])
  })

  it("keeps what was reported, and says what the boss itself found", () => {
    assert.deepStrictEqual(told(succeeded), { error: null, result: [1] })
    assert.deepStrictEqual(told(failed()), { error: { code: 1 }, result: null })
    assert.deepStrictEqual(told(released), { error: null, result: null })
    assert.deepStrictEqual(told(ranOut("cancelGrace")), { error: null, result: null })
    for (const [clock, reason] of [
      ["lease", "lost"],
      ["pickup", "lost"],
      ["maxRun", "timed-out"]
    ] as const) {
      const { error, result } = told(ranOut(clock))
      assert.isNull(result)
      assert.propertyVal(error, "reason", reason)
    }
  })

  it("decides of a result what `done` says without knowing the job", () => {
    assert.deepStrictEqual(decide(aJob(), succeeded, policy, 0.5), done([1]))
  })
})
