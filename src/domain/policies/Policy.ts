/** The supervisor's rules for the jobs of a type. */
import { Duration, Schema } from "effect"
import { DurationText, PositiveDurationText } from "../Duration.ts"

/** How long to wait before the next attempt, by the number of failures so far. */
export const Backoff = Schema.Struct({
  kind: Schema.Literals(["fixed", "linear", "exponential"]),
  initial: DurationText,
  factor: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 100 })),
  max: DurationText,
  jitter: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
})
export type Backoff = typeof Backoff.Type

const Limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))

/** At most `limit` attempts begin in any `period`. */
export const RateLimit = Schema.Struct({ limit: Limit, period: PositiveDurationText })
export type RateLimit = typeof RateLimit.Type

/** How long failures of workers are remembered, and so the longest `within` of a quarantine. */
export const longestMemory = Duration.days(1)

/** A worker that fails or loses so many jobs of a type `within` a time gets none of that type `for` a while. */
export const Quarantine = Schema.Struct({
  failures: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  within: PositiveDurationText.check(
    Schema.makeFilter((within) => Duration.isLessThanOrEqualTo(within, longestMemory) || "must be at most 1d")
  ),
  for: PositiveDurationText
})
export type Quarantine = typeof Quarantine.Type

/** How long finished jobs are kept; for good where null. `failed` is for cancelled jobs too. */
export const Retention = Schema.Struct({
  done: Schema.NullOr(DurationText),
  failed: Schema.NullOr(DurationText)
})
export type Retention = typeof Retention.Type

/**
 * The rules of one job type. `maxAttempts` is the budget of failures, `maxLost` that of losses. The clocks: `pickup`
 * (assigned, no sign of life yet; off when null), `lease` (silence), `maxRun` (however alive), `expiresIn` (from
 * creation to the end; off when null), `unclaimedAlert` (due, and no worker has claimed it; off when null), and
 * `cancelGrace` (told to stop, not yet stopped).
 *
 * Limits, of attempts that run at the same time, off when null: `concurrency` for the type, `perWorker` for each worker,
 * `perFairnessKey` for each fairness key, where jobs without a key count as those of one key. `rateLimit` is for attempts
 * that begin, however they end: one that is released has spent its place too. A `paused` type gives out no jobs.
 * `patience` is how long a job may wait for a better worker. `logCap` is in bytes.
 */
export const Policy = Schema.Struct({
  maxAttempts: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  maxLost: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  backoff: Backoff,
  lease: PositiveDurationText,
  pickup: Schema.NullOr(PositiveDurationText),
  maxRun: PositiveDurationText,
  expiresIn: Schema.NullOr(PositiveDurationText),
  unclaimedAlert: Schema.NullOr(PositiveDurationText),
  cancelGrace: DurationText,
  concurrency: Schema.NullOr(Limit),
  perWorker: Schema.NullOr(Limit),
  perFairnessKey: Schema.NullOr(Limit),
  rateLimit: Schema.NullOr(RateLimit),
  paused: Schema.Boolean,
  patience: DurationText,
  quarantine: Schema.NullOr(Quarantine),
  retention: Retention,
  logCap: Schema.Int.check(Schema.isBetween({ minimum: 1_024, maximum: 1_073_741_824 }))
})
export type Policy = typeof Policy.Type

/** The quarantine of the built-in policy. */
export const defaultQuarantine: Quarantine = {
  failures: 5,
  within: Duration.minutes(5),
  for: Duration.minutes(10)
}

/** The built-in policy. */
export const defaultPolicy: Policy = {
  maxAttempts: 5,
  maxLost: 5,
  backoff: {
    kind: "exponential",
    initial: Duration.seconds(15),
    factor: 2,
    max: Duration.hours(1),
    jitter: 0.2
  },
  lease: Duration.seconds(60),
  pickup: null,
  maxRun: Duration.minutes(30),
  expiresIn: null,
  unclaimedAlert: Duration.seconds(60),
  cancelGrace: Duration.seconds(10),
  concurrency: null,
  perWorker: null,
  perFairnessKey: null,
  rateLimit: null,
  paused: false,
  patience: Duration.zero,
  quarantine: defaultQuarantine,
  retention: { done: Duration.days(7), failed: Duration.days(30) },
  logCap: 8_388_608
}

/**
 * The wait before the next attempt, in whole milliseconds, after the `failures`-th failure (1, 2, …).
 *
 * With `n = failures - 1`: fixed `initial`, linear `initial · (1 + factor · n)`, exponential `initial · factor^n`; no
 * more than `max`; then spread evenly over `± jitter` of itself by `chance`, a number from 0 to 1. The jitter comes
 * last so that jobs which have reached `max` do not all come back at the same moment.
 */
export const backoffDelay = (backoff: Backoff, failures: number, chance: number): Duration.Duration => {
  const initial = Duration.toMillis(backoff.initial)
  const steps = Math.max(0, failures - 1)
  const grown = {
    fixed: initial,
    linear: initial * (1 + backoff.factor * steps),
    exponential: initial * backoff.factor ** steps
  }[backoff.kind]
  const capped = Math.min(grown, Duration.toMillis(backoff.max))
  return Duration.millis(Math.round(capped * (1 + backoff.jitter * (2 * chance - 1))))
}
