/**
 * When a cron expression fires in a time zone. The expression is about the clock on the wall: each time of it that fits is
 * one tick, also where daylight saving skips times of that clock or repeats them.
 */
import { Cron, DateTime, Option, Result } from "effect"

/** A cron expression that can be parsed, and a time zone that exists. */
export interface Timing {
  readonly cron: string
  readonly timeZone: string
}

export interface Ticks {
  /** The first tick after `time`. */
  readonly next: (time: DateTime.Utc) => DateTime.Utc
  /** The last tick until `time`, which may be that time itself. */
  readonly last: (time: DateTime.Utc) => DateTime.Utc
}

/** Whether this server knows the time zone. Another one may know zones of other years. */
export const isKnownZone = (timeZone: string): boolean => Option.isSome(DateTime.zoneMakeNamed(timeZone))

/** Far enough from a time on the wall to be before or after it in every zone. */
const day = 86_400_000

const offsetAt = (zone: DateTime.TimeZone, instant: number): number =>
  DateTime.zonedOffset(DateTime.makeZonedUnsafe(instant, { timeZone: zone }))

/** The instant in between at which the clock on the wall is moved. */
const moveBetween = (zone: DateTime.TimeZone, before: number, after: number): number => {
  const offset = offsetAt(zone, before)
  let low = before
  let high = after
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === offset) low = middle
    else high = middle
  }
  return high
}

/**
 * The instant at which the clock shows this time, the first of two. If it never does, the instant at which it is moved over
 * that time. A later time is never shown at an earlier instant.
 */
const instantOf = (zone: DateTime.TimeZone, wall: number): number => {
  const offsets = [offsetAt(zone, wall - day), offsetAt(zone, wall + day)]
  const first = wall - Math.max(...offsets)
  const second = wall - Math.min(...offsets)
  if (first + offsetAt(zone, first) === wall) return first
  if (second + offsetAt(zone, second) === wall) return second
  return moveBetween(zone, first, second)
}

/** The last time that the clock has shown by now. While it shows times for the second time, that is not what it shows. */
const wallAt = (zone: DateTime.TimeZone, instant: number): number => {
  const shown = instant + offsetAt(zone, instant)
  const first = instantOf(zone, shown)
  return first === instant ? shown : moveBetween(zone, first, instant) + offsetAt(zone, first) - 1
}

// The search knows nothing of zones: it is made in the time on the wall, as if that were UTC.
const parse = (cron: string): Result.Result<Cron.Cron, Cron.CronParseError> => Cron.parse(cron, "UTC")

/** The ticks of this timing. */
export const ticksOf = ({ cron, timeZone }: Timing): Ticks => {
  const times = Result.getOrThrow(parse(cron))
  const zone = DateTime.zoneMakeNamedUnsafe(timeZone)
  const toTick = (wall: Date) => DateTime.makeUnsafe(instantOf(zone, wall.getTime()))
  const wallBy = (time: DateTime.Utc) => wallAt(zone, DateTime.toEpochMillis(time))
  return {
    next: (time) => toTick(Cron.next(times, wallBy(time))),
    // What the search finds is before the time that it is given.
    last: (time) => toTick(Cron.prev(times, wallBy(time) + 1))
  }
}

/** The first `count` ticks after `time`. */
export const ticksAfter = (
  timing: Timing,
  time: DateTime.Utc,
  count: number
): ReadonlyArray<DateTime.Utc> => {
  if (count === 0) return []
  const { next } = ticksOf(timing)
  const ticks: Array<DateTime.Utc> = []
  for (let tick = time; ticks.length < count;) {
    tick = next(tick)
    ticks.push(tick)
  }
  return ticks
}

const form =
  "must be minute, hour, day, month and weekday, with seconds before them if wanted, as in 30 4 * * mon-fri"

/** What is wrong with a cron expression; null if it is well. */
export const faultOf = (cron: string): string | null => {
  const times = parse(cron)
  if (Result.isFailure(times)) return `${form} (${times.failure.message})`
  return Result.isFailure(Result.try(() => Cron.next(times.success, 0)))
    ? "must be a time that comes: there is no such day"
    : null
}
