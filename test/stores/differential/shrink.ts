/** Makes a list that fails shorter, as long as what is left of it still fails. */
import { Effect } from "effect"

/**
 * Leaves out as much of a list as it can, first halves, then smaller and smaller parts, so that `fails` is still true of what
 * is left; it tries at most so often.
 */
export const shrink = Effect.fnUntraced(function* <A, E, R>(
  list: ReadonlyArray<A>,
  fails: (list: ReadonlyArray<A>) => Effect.Effect<boolean, E, R>,
  mostTries: number
) {
  let left = list
  let tries = 0
  let size = Math.ceil(left.length / 2)
  while (size >= 1 && left.length > 1) {
    let isShorter = false
    for (let start = 0; start < left.length && tries < mostTries; tries++) {
      const shorter = left.toSpliced(start, size)
      if (shorter.length > 0 && (yield* fails(shorter))) {
        left = shorter
        isShorter = true
      } else start += size
    }
    if (tries >= mostTries || (size === 1 && !isShorter)) break
    if (!isShorter) size = Math.ceil(size / 2)
    else size = Math.min(size, Math.ceil(left.length / 2))
  }
  return left
})
