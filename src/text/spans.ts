/** Lengths of time as people read them at a glance. */

const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes
const days = 24 * hours

const inTwoUnits = (millis: number, [large, largeUnit]: Unit, [small, smallUnit]: Unit): string => {
  const whole = Math.floor(millis / large)
  const rest = Math.floor((millis % large) / small)
  return rest === 0 ? `${whole}${largeUnit}` : `${whole}${largeUnit} ${rest}${smallUnit}`
}
type Unit = readonly [millis: number, name: string]

/** A length of time, in its two largest units at most: `850ms`, `1.5s`, `12s`, `3m 20s`, `5h`, `2d 4h`. */
export const formatLength = (millis: number): string => {
  if (millis < seconds) return `${Math.max(0, Math.round(millis))}ms`
  if (millis < 10 * seconds) return `${Math.floor(millis / 100) / 10}s`
  if (millis < minutes) return `${Math.floor(millis / seconds)}s`
  if (millis < hours) return inTwoUnits(millis, [minutes, "m"], [seconds, "s"])
  if (millis < days) return inTwoUnits(millis, [hours, "h"], [minutes, "m"])
  return inTwoUnits(millis, [days, "d"], [hours, "h"])
}

/** How long ago something was, in whole seconds: shorter than nothing is now. */
export const formatAge = (since: number, now: number): string => {
  const age = Math.max(0, Math.floor((now - since) / seconds))
  return age === 0 ? "0s" : formatLength(age * seconds)
}

/** How long it is until then. */
export const formatUntil = (then: number, now: number): string =>
  then <= now ? "now" : `in ${formatAge(now, then)}`
