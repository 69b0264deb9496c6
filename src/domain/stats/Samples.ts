/** Totals as they were in the last minute, from which follows how fast things go. */
import type { Totals } from "./Flow.ts"
import type { Rates } from "./StatsSnapshot.ts"

/** How far back it is remembered, in milliseconds. */
const memory = 60_000
/** At most this many samples are kept: one for each second, and the one at the beginning. */
const mostSamples = 61

export interface Sample {
  /** In milliseconds of a clock that is never set. */
  readonly at: number
  /** By type. Null stands for the types that are not told of one by one. */
  readonly types: ReadonlyMap<string | null, Totals>
  readonly total: Totals
}

/** What became of jobs in a length of time. */
export interface Pace {
  readonly rates: Rates | null
  readonly failureRate: number | null
}

export interface Samples {
  readonly add: (sample: Sample) => void
  /** The oldest sample that is not older than a minute, if there is one. */
  readonly oldest: (now: number) => Sample | undefined
}

export const make = (): Samples => {
  let samples: ReadonlyArray<Sample> = []
  return {
    add: (sample) => {
      samples = [...samples.filter(({ at }) => sample.at - at <= memory), sample].slice(-mostSamples)
    },
    oldest: (now) => samples.find(({ at }) => now - at <= memory)
  }
}

const unknown: Pace = { rates: null, failureRate: null }

/** The totals of the type in a sample. One that was not there had none, unless it was among those told of together. */
export const totalsIn = ({ types }: Sample, type: string): Totals | null | undefined =>
  types.get(type) ?? (types.has(null) ? undefined : null)

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

/** How fast it went from the totals before (null: there were none; undefined: not known) to those now. */
export const paceOf = (before: Totals | null | undefined, now: Totals, millis: number): Pace => {
  if (before === undefined || millis <= 0) return unknown
  const since = (key: keyof Rates) => now[key] - (before?.[key] ?? 0)
  const perSecond = (key: keyof Rates) => thousandths((since(key) * 1_000) / millis)
  const ended = since("done") + since("failed")
  return {
    rates: {
      created: perSecond("created"),
      assigned: perSecond("assigned"),
      done: perSecond("done"),
      failed: perSecond("failed")
    },
    failureRate: ended === 0 ? null : thousandths(since("failed") / ended)
  }
}
