/** How values are spread, by counting them in buckets: it costs the same however many there are. */

/** Counts of values. The last count is of those above the last bound. */
export interface Histogram {
  /** The largest value of each bucket, increasing. */
  readonly bounds: ReadonlyArray<number>
  readonly counts: Array<number>
  sum: number
}

export const make = (bounds: ReadonlyArray<number>): Histogram => ({
  bounds,
  counts: Array.from({ length: bounds.length + 1 }, () => 0),
  sum: 0
})

export const observe = (histogram: Histogram, value: number): void => {
  const { bounds, counts } = histogram
  let bucket = 0
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
  counts[bucket] = (counts[bucket] ?? 0) + 1
  histogram.sum += value
}

export const sizeOf = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0)

/** The values of two histograms with the same bounds. */
export const merge = (left: Histogram, right: Histogram): Histogram => ({
  bounds: left.bounds,
  counts: left.counts.map((count, bucket) => count + (right.counts[bucket] ?? 0)),
  sum: left.sum + right.sum
})

/**
 * The value that a share of all values is not above, from 0 to 1, as if the values of a bucket were spread evenly over it.
 * No more than the last bound. Null if there are no values.
 */
export const quantile = (histogram: Histogram, share: number): number | null => {
  const { bounds, counts } = histogram
  const size = sizeOf(histogram)
  if (size === 0) return null
  const rank = share * size
  let below = 0
  let lower = 0
  for (const [bucket, upper] of bounds.entries()) {
    const count = counts[bucket] ?? 0
    if (count > 0 && below + count >= rank) return lower + ((upper - lower) * (rank - below)) / count
    below += count
    lower = upper
  }
  return lower
}

/** The values of the last one to two windows. */
export interface Recent {
  /** `now` and the window are in milliseconds. */
  readonly observe: (value: number, now: number) => void
  readonly read: (now: number) => Histogram
}

export const makeRecent = (bounds: ReadonlyArray<number>, window: number): Recent => {
  let current = make(bounds)
  let previous = make(bounds)
  let begun = Number.NEGATIVE_INFINITY

  const turn = (now: number) => {
    if (now - begun < window) return
    previous = now - begun < 2 * window ? current : make(bounds)
    current = make(bounds)
    begun = now
  }
  return {
    observe: (value, now) => {
      turn(now)
      observe(current, value)
    },
    read: (now) => {
      turn(now)
      return merge(previous, current)
    }
  }
}
