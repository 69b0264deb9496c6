/** Points in time as people say them. */
import { DateTime } from "effect"
import { formatAge, formatUntil } from "../../text/spans.ts"

const isNearly = 1_000

/** A point in time as seen from now: `now`, `3s ago`, `in 2h 5m`; a dash for none. */
export const describeMoment = (time: DateTime.Utc | null, now: DateTime.Utc): string => {
  if (time === null) return "-"
  const [at, present] = [DateTime.toEpochMillis(time), DateTime.toEpochMillis(now)]
  if (Math.abs(at - present) < isNearly) return "now"
  return at < present ? `${formatAge(at, present)} ago` : formatUntil(at, present)
}
