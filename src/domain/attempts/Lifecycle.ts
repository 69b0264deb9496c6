/**
 * What follows when an attempt ends: the transitions of a job as pure decisions, made in one place for every store.
 */
import { Duration } from "effect"
import type { AttemptClock, Outcome } from "./Attempt.ts"
import type { JsonValue } from "../Json.ts"
import type { JobRecord } from "../jobs/Job.ts"
import { backoffDelay, type Policy } from "../policies/Policy.ts"

/** What is said of an attempt by its worker, or by the boss when a clock runs out or the worker is banned. */
export type Report =
  | { readonly _tag: "Done"; readonly result: JsonValue }
  | {
      readonly _tag: "Failed"
      readonly error: JsonValue
      readonly retryable: boolean
      readonly retryIn: Duration.Duration | null
    }
  | { readonly _tag: "Released" }
  | { readonly _tag: "ClockRanOut"; readonly clock: AttemptClock }
  | { readonly _tag: "WorkerBanned" }

/** What becomes of the job. A wait of null means that there is no further attempt. */
export interface Transition {
  readonly outcome: Outcome
  readonly status: "done" | "failed" | "cancelled" | "pending" | "scheduled"
  readonly wait: Duration.Duration | null
  readonly spends: "failure" | "loss" | "nothing"
  readonly result: JsonValue
  readonly error: JsonValue
}

const clockErrors: { readonly [Clock in AttemptClock]: JsonValue } = {
  cancelGrace: null,
  maxRun: { reason: "timed-out", message: "the attempt ran longer than maxRun" },
  pickup: { reason: "lost", message: "the worker gave no sign of life after it was given the job" },
  lease: { reason: "lost", message: "the worker was silent for longer than its lease" }
}

const bannedError: JsonValue = {
  reason: "banned",
  message: "the supervisor banned the worker, and took its jobs from it"
}

const clockOutcomes = {
  cancelGrace: "cancelled",
  maxRun: "timed-out",
  pickup: "lost",
  lease: "lost"
} as const

const retryAfter = (wait: Duration.Duration): Pick<Transition, "status" | "wait"> =>
  Duration.isZero(wait) ? { status: "pending", wait } : { status: "scheduled", wait }

const ended = (status: "done" | "failed" | "cancelled"): Pick<Transition, "status" | "wait"> => ({
  status,
  wait: null
})

/** What follows a result, whatever else is known of the job. */
export const done = (result: JsonValue): Transition => ({
  outcome: "done",
  spends: "nothing",
  result,
  error: null,
  ...ended("done")
})

/** What follows when a job is handed back: nothing is charged, and it is due again unless it is being cancelled. */
export const released = (isBeingCancelled: boolean): Transition => ({
  outcome: "released",
  spends: "nothing",
  result: null,
  error: null,
  ...(isBeingCancelled ? ended("cancelled") : retryAfter(Duration.zero))
})

/**
 * Decides what follows a report on the live attempt of `job`. `chance`, from 0 to 1, spreads the backoff.
 *
 * A failure or a run out of `maxRun` spends one of `maxAttempts`; a loss spends one of `maxLost` and is due again at
 * once; a release spends nothing. A job that is being cancelled has no further attempt, but a result that came in time
 * is kept.
 */
export const decide = (job: JobRecord, report: Report, policy: Policy, chance: number): Transition => {
  const isBeingCancelled = job.attempt?.cancelAt != null
  const maxAttempts = job.maxAttempts ?? policy.maxAttempts
  const failure = (
    outcome: "failed" | "timed-out",
    error: JsonValue,
    wish: { readonly retryable: boolean; readonly retryIn: Duration.Duration | null }
  ): Transition => ({
    outcome,
    spends: "failure",
    result: null,
    error,
    ...(isBeingCancelled
      ? ended("cancelled")
      : !wish.retryable || job.failures + 1 >= maxAttempts
        ? ended("failed")
        : retryAfter(wish.retryIn ?? backoffDelay(policy.backoff, job.failures + 1, chance)))
  })

  switch (report._tag) {
    case "Done":
      return done(report.result)
    case "Failed":
      return failure("failed", report.error, report)
    case "Released":
      return released(isBeingCancelled)
    case "WorkerBanned":
      return { ...released(isBeingCancelled), error: bannedError }
    case "ClockRanOut": {
      const { clock } = report
      const outcome = clockOutcomes[clock]
      const error = clockErrors[clock]
      if (outcome === "cancelled") {
        return { outcome, spends: "nothing", result: null, error, ...ended("cancelled") }
      }
      if (outcome === "timed-out") return failure(outcome, error, { retryable: true, retryIn: null })
      return {
        outcome,
        spends: "loss",
        result: null,
        error,
        ...(isBeingCancelled
          ? ended("cancelled")
          : job.losses + 1 >= policy.maxLost
            ? ended("failed")
            : retryAfter(Duration.zero))
      }
    }
  }
}
