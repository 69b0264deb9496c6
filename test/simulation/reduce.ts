/** Makes a run that fails shorter: without whoever and whatever is not needed for the same checker to complain. */
import type { Options } from "./Options.ts"
import { type Outcome, type RunSettings, simulate } from "./Simulation.ts"

/** What may be left out, each as another run. */
const simpler = (options: Options): ReadonlyArray<Options> => {
  const { clients, faults, feedReaders, followers, incidents, length, streamers, workers } = options
  const without = (name: string): Options => ({ ...options, without: new Set([...options.without, name]) })
  const actors = [
    ...Array.from({ length: workers }, (_, index) => `worker-${index + 1}`),
    ...Array.from({ length: streamers }, (_, index) => `streamer-${index + 1}`),
    ...Array.from({ length: clients }, (_, index) => `client-${index + 1}`),
    ...Array.from({ length: followers }, (_, index) => `follower-${index + 1}`),
    ...Array.from({ length: feedReaders }, (_, index) => `reader-${index + 1}`)
  ]
  return [
    ...(length > 5_000
      ? [
          { ...options, length: length / 2 },
          { ...options, length: Math.round(length * 0.8) }
        ]
      : []),
    ...actors.filter((name) => !options.without.has(name)).map(without),
    ...(options.servers > 1 ? [{ ...options, servers: options.servers - 1 }] : []),
    ...(incidents.serverDies === null ? [] : [{ ...options, incidents: { ...incidents, serverDies: null } }]),
    ...(incidents.storeAway === null ? [] : [{ ...options, incidents: { ...incidents, storeAway: null } }]),
    ...(incidents.supervisorActs === null
      ? []
      : [{ ...options, incidents: { ...incidents, supervisorActs: null } }]),
    ...(incidents.clockSet === null ? [] : [{ ...options, incidents: { ...incidents, clockSet: null } }]),
    ...Object.entries(faults).flatMap(([name, rate]) =>
      rate === 0 ? [] : [{ ...options, faults: { ...faults, [name]: 0 } }]
    ),
    ...(options.networkDelay > 0 ? [{ ...options, networkDelay: 0 }] : []),
    ...(options.storeDelay > 0 ? [{ ...options, storeDelay: 0 }] : []),
    ...(options.newsDelay > 0 ? [{ ...options, newsDelay: 0 }] : [])
  ]
}

/** The simplest run that was found in at most so many tries, which fails as the given one does. */
export const reduce = (failed: Outcome, settings: RunSettings, mostTries: number): Outcome => {
  let best = failed
  let tries = 0
  const improve = (): boolean => {
    for (const options of simpler(best.options)) {
      if (tries++ >= mostTries) return false
      const outcome = simulate(options, settings)
      if (outcome.violation?.checker === failed.violation?.checker) {
        best = outcome
        return true
      }
    }
    return false
  }
  while (improve()) {
    // until nothing more can be left out
  }
  return best
}
