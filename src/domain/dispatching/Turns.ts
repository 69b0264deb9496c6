/** Which fairness key was served when, as this server remembers: a key is one tenant, whatever the types of its jobs. */

/** So many keys are remembered; those that were served longest ago are forgotten, and come first again. */
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
      turns.delete(key)
      turns.set(key, lastTurn)
      for (const oldest of turns.keys()) {
        if (turns.size <= mostRemembered) break
        turns.delete(oldest)
      }
    }
  }
}
