/** Lengths of time and points in time as people say them. */
import { DateTime, Duration } from "effect"

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000]
] as const

/** The two largest units of a length of time: `3s`, `2m 5s`, `7d 1h`; below a second `250ms`. */
export const describeSpan = (span: Duration.Duration): string => {
  const millis = Math.max(0, Math.round(Duration.toMillis(span)))
  const first = units.findIndex(([, size]) => millis >= size)
  if (first === -1) return `${millis}ms`
  const parts: Array<string> = []
  let rest = millis
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.join(" ")
}

const isNearly = 1_000

/** A point in time as seen from now: `now`, `3s ago`, `in 2h 5m`; a dash for none. */
export const describeMoment = (time: DateTime.Utc | null, now: DateTime.Utc): string => {
  if (time === null) return "-"
  const millis = DateTime.toEpochMillis(time) - DateTime.toEpochMillis(now)
  if (Math.abs(millis) < isNearly) return "now"
  const span = describeSpan(Duration.millis(Math.abs(millis)))
  return millis < 0 ? `${span} ago` : `in ${span}`
}
