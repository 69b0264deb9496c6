/** The supervisor's rules for the jobs of a type. */
import { Duration, Schema } from "effect"
import { DurationText, PositiveDurationText } from "./Duration.ts"

/** How long to wait before the next attempt, by the number of failures so far. */
export const Backoff = Schema.Struct({
  kind: Schema.Literals(["fixed", "linear", "exponential"]),
  initial: DurationText,
  factor: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 100 })),
  max: DurationText,
  jitter: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
})
export type Backoff = typeof Backoff.Type

/**
 * The rules of one job type. `maxAttempts` is the budget of failures, `maxLost` that of losses. The clocks: `pickup`
 * (assigned, no sign of life yet; off when null), `lease` (silence), `maxRun` (however alive), `expiresIn` (from
 * creation to the end; off when null), `cancelGrace` (told to stop, not yet stopped).
 */
export const Policy = Schema.Struct({
  maxAttempts: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  maxLost: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  backoff: Backoff,
  lease: PositiveDurationText,
  pickup: Schema.NullOr(PositiveDurationText),
  maxRun: PositiveDurationText,
  expiresIn: Schema.NullOr(PositiveDurationText),
  cancelGrace: DurationText,
  logCap: Schema.Int.check(Schema.isBetween({ minimum: 1_024, maximum: 1_073_741_824 }))
})
export type Policy = typeof Policy.Type

/** The policy that all others extend. */
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
  cancelGrace: Duration.seconds(10),
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
