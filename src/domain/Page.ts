/** How much is given at a time of what there may be a lot of. */

/** The first of what was asked for: at most as many as are wanted, and at most as many as are given at once. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Whether there was more after the last item. */
  readonly hasMore: boolean
}

const mebibyte = 1_048_576

/**
 * About how many bytes one answer may have, for jobs that are asked for by number may each be large. The first item is given
 * whatever its size.
 */
export const largestAnswer = {
  /** Of the parameters of claimed jobs. */
  claim: 16 * mebibyte,
  /** Of the parameters, results, errors, checkpoints and messages of listed jobs. */
  list: 8 * mebibyte,
  /** Of the data of progress events. */
  progress: mebibyte / 4
}
