/** Plays runs of the simulation until a planted bug is found. */
import type { Outcome } from "../Simulation.ts"
import type { Violation } from "../World.ts"

/** Within so many runs each must be found. */
const mostRuns = 2_000

export interface Found extends Violation {
  readonly seed: string
  /** How many runs it took. */
  readonly runs: number
}

/** The first run that fails from a seed on; null if none of them does. */
export const findFrom = (firstSeed: number, play: (seed: string) => Outcome): Found | null => {
  for (let run = 0; run < mostRuns; run++) {
    const seed = String(firstSeed + run)
    const { violation } = play(seed)
    if (violation !== null) return { seed, runs: run + 1, ...violation }
  }
  return null
}
