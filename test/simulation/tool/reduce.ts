/** Makes a run that fails shorter: without whoever and whatever is not needed for the same checker to complain. */
import { setImmediate } from "node:timers/promises"
import { namesOf } from "../Cast.ts"
import type { Options } from "../Options.ts"
import type { Outcome, RunSettings } from "../Simulation.ts"
import { playRun } from "./playRun.ts"

/** What may be left out, each as another run. */
const simpler = (options: Options): ReadonlyArray<Options> => {
  const { faults, incidents, length } = options
  const without = (name: string): Options => ({ ...options, without: new Set([...options.without, name]) })
  return [
    ...(length > 5_000
      ? [
          { ...options, length: length / 2 },
          { ...options, length: Math.round(length * 0.8) }
        ]
      : []),
    ...namesOf(options)
      .filter((name) => !options.without.has(name))
      .map(without),
    ...(options.servers > 1 ? [{ ...options, servers: options.servers - 1 }] : []),
    ...Object.entries(incidents).flatMap(([name, every]) =>
      every === null ? [] : [{ ...options, incidents: { ...incidents, [name]: null } }]
    ),
    ...Object.entries(faults).flatMap(([name, rate]) =>
      rate === 0 ? [] : [{ ...options, faults: { ...faults, [name]: 0 } }]
    ),
    ...(options.networkDelay > 0 ? [{ ...options, networkDelay: 0 }] : []),
    ...(options.storeDelay > 0 ? [{ ...options, storeDelay: 0 }] : []),
    ...(options.newsDelay > 0 ? [{ ...options, newsDelay: 0 }] : [])
  ]
}

/** The simplest run that was found in at most so many tries, and before the signal, which fails as the given one does. */
export const reduce = async (
  failed: Outcome,
  settings: RunSettings,
  mostTries: number,
  signal?: AbortSignal
): Promise<Outcome> => {
  let best = failed
  let tries = 0
  const improve = async (): Promise<boolean> => {
    for (const options of simpler(best.options)) {
      // Between two tries Ctrl-C is heard.
      await setImmediate()
      if (signal?.aborted === true || tries++ >= mostTries) return false
      const outcome = playRun(options, settings)
      if (outcome.violation?.checker === failed.violation?.checker) {
        best = outcome
        return true
      }
    }
    return false
  }
  while (await improve()) {
    // until nothing more can be left out
  }
  return best
}
