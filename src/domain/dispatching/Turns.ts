/** When this server last gave a job of each fairness key, for all types together: the turns of a round robin between tenants. */
import { setRecent } from "../setRecent.ts"

/** At most this many keys are remembered. One that was forgotten counts as never served, and comes first again. */
const mostRemembered = 10_000

export interface Turns {
  /** When the key was served last: the lower, the longer ago; 0 if nothing is known of it. */
  readonly of: (key: string | null) => number
  /** Takes note that a job of this key was given away. */
  readonly served: (key: string | null) => void
}

export const make = (): Turns => {
  // In the order in which they were last served.
  const turns = new Map<string | null, number>()
  let lastTurn = 0
  let lastServed: string | null | undefined
  return {
    of: (key) => turns.get(key) ?? 0,
    served: (key) => {
      // Whoever is last already stays so: where nobody uses keys, that is everybody.
      if (key === lastServed) return
      lastServed = key
      lastTurn += 1
      setRecent(turns, key, lastTurn, mostRemembered)
    }
  }
}
