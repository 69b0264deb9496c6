/** Numbers and times as people read them at a glance. */
import { type DateTime, DateTime as Time } from "effect"
import type { Look } from "./Look.ts"

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" })
const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" })
const grouped = new Intl.NumberFormat("en-US")

/** A count, all of it: `12,345`. */
export const formatCount = (count: number): string => grouped.format(count)

/** A rate per second, with as many digits as say something. */
export const formatRate = (rate: number | null | undefined): string => {
  if (rate === null || rate === undefined) return "-"
  if (rate === 0) return "0"
  return rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))
}

/** A share, as a percentage. */
export const formatShare = (share: number | null): string => {
  if (share === null) return "-"
  const percent = share * 100
  return percent > 0 && percent < 10 ? `${percent.toFixed(1)}%` : `${Math.round(percent)}%`
}

/** A length of time, in its two largest units at most: `850ms`, `12s`, `3m 20s`, `5h`, `2d 4h`. */
export const formatLength = (millis: number): string => {
  if (millis < 1_000) return `${Math.max(0, Math.round(millis))}ms`
  const seconds = Math.floor(millis / 1_000)
  const join = (whole: number, unit: string, rest: number, restUnit: string) =>
    rest === 0 ? `${whole}${unit}` : `${whole}${unit} ${rest}${restUnit}`
  if (seconds < 10) return `${(millis / 1_000).toFixed(1).replace(/\.0$/, "")}s`
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return join(Math.floor(seconds / 60), "m", seconds % 60, "s")
  if (seconds < 86_400) return join(Math.floor(seconds / 3_600), "h", Math.floor((seconds % 3_600) / 60), "m")
  return join(Math.floor(seconds / 86_400), "d", Math.floor((seconds % 86_400) / 3_600), "h")
}

/** How long ago something was, in whole seconds: shorter than nothing is now. */
export const formatAge = (since: number, now: number): string => {
  const seconds = Math.max(0, Math.floor((now - since) / 1_000))
  return seconds < 10 ? `${seconds}s` : formatLength(seconds * 1_000)
}

/** How long it is until then. */
export const formatUntil = (then: number, now: number): string =>
  then <= now ? "now" : `in ${formatAge(now, then)}`

/** A point in time on the clock of whoever looks, with the day if it is another one. */
export const formatTime = (at: number, now: number): string =>
  Math.abs(now - at) < 43_200_000 ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`

export const millisOf = (time: DateTime.Utc): number => Time.toEpochMillis(time)

/** A bar that is filled so far. */
export const formatBar = (percent: number, columns: number, { glyphs }: Look): string => {
  const filled = Math.max(0, Math.min(columns, Math.floor((percent / 100) * columns)))
  return glyphs.full.repeat(filled) + glyphs.empty.repeat(columns - filled)
}

/** The last values as heights, the newest at the right. */
export const formatSparkline = (
  values: ReadonlyArray<number>,
  columns: number,
  { glyphs: { levels } }: Look
): string => {
  // Where there is not room for each, the highest of neighbours stands for them.
  const each = Math.max(1, Math.ceil(values.length / columns))
  const heights: Array<number> = []
  for (let end = values.length; end > 0 && heights.length < columns; end -= each) {
    heights.unshift(Math.max(...values.slice(Math.max(0, end - each), end)))
  }
  const most = Math.max(...heights, 0)
  const line = heights.map((height) => {
    const level =
      most === 0 || height <= 0 ? 0 : Math.max(1, Math.round((height / most) * (levels.length - 1)))
    return levels[level] ?? " "
  })
  return line.join("").padStart(columns)
}
