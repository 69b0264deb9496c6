/** Lengths of time as people write them: `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"7d"`, or milliseconds. */
import { Duration, Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"

const unitMillis = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const

type Unit = keyof typeof unitMillis

/** From the longest to the shortest. */
const unitSizes = Object.entries(unitMillis)

const isUnit = (text: string): text is Unit => Object.hasOwn(unitMillis, text)

/** No duration may be longer than this: ten years, in milliseconds. */
export const longestMillis = 3_650 * unitMillis.d

const parseMillis = (input: string | number): number | undefined => {
  if (typeof input === "number") return input
  const [, digits, unit] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(input) ?? []
  return digits === undefined || unit === undefined || !isUnit(unit)
    ? undefined
    : Number(digits) * unitMillis[unit]
}

/**
 * The shortest exact spelling: whole days, hours, minutes or seconds where it is one, else milliseconds. One minute is
 * `60s`, as people say it of a lease.
 */
export const formatDuration = (duration: Duration.Duration): string => {
  const millis = Math.round(Duration.toMillis(duration))
  if (millis === unitMillis.m) return "60s"
  for (const [unit, size] of unitSizes) {
    if (millis !== 0 && millis % size === 0) return `${millis / size}${unit}`
  }
  return "0ms"
}

/** A length of time, 0 to `longest`. Accepted as text or as whole milliseconds, returned as the shortest text. */
export const durationUpTo = (longest: Duration.Duration) =>
  Schema.Union([Schema.String, Schema.Int]).pipe(
    Schema.decodeTo(
      Schema.Duration,
      SchemaTransformation.transformEffect<Duration.Duration, string | number>({
        decode: (input, options) => {
          const millis = parseMillis(input)
          return millis !== undefined && millis >= 0 && millis <= Duration.toMillis(longest)
            ? Effect.succeed(Duration.millis(millis))
            : Effect.fail(
                new SchemaIssue.InvalidValue(
                  {
                    message: `must be a duration from 0 to ${formatDuration(longest)}, as "250ms", "30s", "5m", "2h", "7d" or milliseconds`
                  },
                  input,
                  options
                )
              )
        },
        encode: (duration) => Effect.succeed(formatDuration(duration))
      })
    )
  )

/** A length of time, 0 to 10 years. */
export const DurationText = durationUpTo(Duration.millis(longestMillis))

/** A length of time of at least one millisecond. */
export const PositiveDurationText = DurationText.check(
  Schema.makeFilter((duration) => Duration.toMillis(duration) >= 1 || "must be longer than nothing")
)
