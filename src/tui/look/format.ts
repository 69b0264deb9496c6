/** Numbers and points in time as people read them at a glance, and what is drawn of them. */
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

/** A point in time on the clock of whoever looks, with the day if it is another one. */
export const formatTime = (at: number, now: number): string =>
  Math.abs(now - at) < 43_200_000 ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`

export const millisOf = (time: DateTime.Utc): number => Time.toEpochMillis(time)

/** A bar that is filled in part. */
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
