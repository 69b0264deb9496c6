/** Plays a run, which has failed like any other if it throws: whoever plays many wants to know the rest, too. */
import { inspect } from "node:util"
import type { Options } from "../Options.ts"
import { type Outcome, type RunSettings, simulate } from "../Simulation.ts"

/** What came of a run that threw this, or of which nothing else is known. */
export const broken = (options: Options, error: unknown): Outcome => ({
  options,
  violation: { checker: "the run itself", text: `it breaks: ${inspect(error)}` },
  hash: "none",
  trace: [],
  counts: new Map(),
  simulatedMillis: 0
})

export const playRun = (options: Options, settings: RunSettings = {}): Outcome => {
  try {
    return simulate(options, settings)
  } catch (error) {
    return broken(options, error)
  }
}
