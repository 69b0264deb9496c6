/** Bugs in what workers say and are told, and in what followers hear of it. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfReports: ReadonlyArray<SourceBug> = [
  {
    name: "no backoff after what a worker calls a failure",
    why: "a service that is down is asked again at once by all who could not reach it",
    foundBy: ["backoff"],
    firstSeed: 6,
    file: "domain/attempts/Lifecycle.ts",
    edits: [
      [
        'return failure("failed", report.error, report)',
        'return failure("failed", report.error, { ...report, retryIn: Duration.zero })'
      ]
    ]
  },
  {
    name: "a failure that is given up one attempt early",
    why: "a job that would be done by its last attempt is not",
    foundBy: ["budgets"],
    firstSeed: 6,
    file: "domain/attempts/Lifecycle.ts",
    edits: [
      [
        'return failure("failed", report.error, report)',
        'return failure("failed", report.error, { ...report, retryable: report.retryable && job.failures + 2 < maxAttempts })'
      ]
    ]
  },
  {
    name: "a failure that is tried again though there is no use in it",
    why: "a file that is broken is read five times",
    foundBy: ["budgets"],
    firstSeed: 11,
    file: "domain/attempts/Lifecycle.ts",
    edits: [["!wish.retryable || ", ""]]
  },
  {
    name: "a sign of life that is worth ten leases",
    why: "nobody notices for minutes that a worker has died",
    foundBy: ["clocks are set by the rules"],
    firstSeed: 1,
    file: "server/memory/MemoryAttempts.ts",
    edits: [
      [
        "leaseExpiresAt: DateTime.addDuration(now, attempt.lease),",
        "leaseExpiresAt: DateTime.addDuration(now, Duration.times(attempt.lease, 10)),"
      ]
    ]
  },
  {
    name: "a heartbeat that never says that a worker is to stop",
    why: "a worker without a stream works on until it is cut off",
    foundBy: ["signs of life count"],
    firstSeed: 17,
    file: "domain/attempts/Reporting.ts",
    edits: [["cancelRequested: attempt.cancelAt !== null }", "cancelRequested: false }"]]
  },
  {
    name: "a progress stream that never says that a worker is to stop",
    why: "a worker that streams its log works on until it is cut off",
    foundBy: ["conversations"],
    firstSeed: 9_400_404,
    file: "domain/attempts/ProgressExchange.ts",
    edits: [
      [
        'if (cancellation !== null) yield* say({ _tag: "Cancel"',
        'if (cancellation === undefined) yield* say({ _tag: "Cancel"'
      ]
    ]
  },
  {
    name: "followers that are told of other progress than there is",
    why: "a log is read that nobody wrote",
    foundBy: ["followers miss nothing"],
    firstSeed: 1,
    file: "domain/jobs/Following.ts",
    edits: [
      [
        '{ _tag: "Progress", position, event })',
        '{ _tag: "Progress", position, event: { ...event, data: "" } })'
      ]
    ]
  },
  {
    name: "followers that are not told the last progress of an attempt that is over",
    why: "the line of a log that says what went wrong is missing",
    foundBy: ["followers miss nothing"],
    firstSeed: 37,
    file: "domain/jobs/Following.ts",
    edits: [
      [
        "if (attempt !== null) {\n                const",
        "if (attempt !== null && state.version === history.job.version) {\n                const"
      ]
    ]
  },
  {
    name: "followers that are told of the past of a retried job with what is spent since",
    why: "a job seems to begin with the attempts that it had before somebody gave it fresh ones",
    foundBy: ["followers miss nothing"],
    firstSeed: 76,
    file: "domain/jobs/Timeline.ts",
    edits: [
      ["  expiresAt: expiryFrom(retry.at, before),\n  attempts: 0,\n  failures: 0,\n  losses: 0,\n", ""]
    ]
  }
]
