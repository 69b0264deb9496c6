/** Plays runs of the simulation until a planted bug is found. */
import type { Outcome } from "../Simulation.ts"

/** Within so many runs each must be found. */
export const mostRuns = 2_000

/** The first run that fails from a seed on, and how many it took; null if none of them does. */
export const findFrom = (
  firstSeed: number,
  play: (seed: string) => Outcome
): { readonly runs: number; readonly checker: string; readonly text: string } | null => {
  for (let run = 0; run < mostRuns; run++) {
    const { violation } = play(String(firstSeed + run))
    if (violation !== null) return { runs: run + 1, ...violation }
  }
  return null
}
