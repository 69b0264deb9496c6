/** Plays many runs, in threads that each take the next seed when they are done with theirs. A run is the same in any of them. */
import { once, setMaxListeners } from "node:events"
import { isMainThread, parentPort, Worker } from "node:worker_threads"
import { draw } from "../Options.ts"
import type { Outcome } from "../Simulation.ts"
import { broken, playRun } from "./playRun.ts"

/** Most of what a run makes is thrown away at once: with room for much of it less is copied. */
const youngMegabytes = 64

/** What a thread tells of a run. */
export interface Played extends Pick<Outcome, "counts" | "simulatedMillis" | "violation"> {
  readonly seed: string
  /** Whether the thread died of it. */
  readonly hasDied: boolean
}

const told = (seed: string, { counts, simulatedMillis, violation }: Outcome, hasDied = false): Played => ({
  seed,
  hasDied,
  counts,
  simulatedMillis,
  violation
})

if (!isMainThread) {
  parentPort?.on("message", (seed: string) => parentPort?.postMessage(told(seed, playRun(draw(seed))), []))
}

const startThread = () =>
  new Worker(new URL(import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes } })

/**
 * Plays at most so many runs from a seed on, as long as more are wanted; those under way are dropped when the signal comes.
 * `played` hears what came of each.
 */
export const playAll = async (
  {
    from,
    isEnough,
    runs,
    signal,
    workers
  }: {
    readonly from: number
    readonly runs: number
    readonly workers: number
    readonly isEnough: () => boolean
    readonly signal: AbortSignal
  },
  played: (one: Played) => void
): Promise<void> => {
  setMaxListeners(workers, signal)
  let next = 0
  const work = async () => {
    let thread = startThread()
    while (next < runs && !isEnough() && !signal.aborted) {
      const seed = String(from + next++)
      thread.postMessage(seed, [])
      try {
        const [one]: ReadonlyArray<Played> = await once(thread, "message", { signal })
        if (one !== undefined) played(one)
      } catch (error) {
        if (signal.aborted) break
        // As of too little memory: the runs of others and the next ones are worth no less.
        played(told(seed, broken(draw(seed), error), true))
        thread = startThread()
      }
    }
    await thread.terminate()
  }
  await Promise.all(Array.from({ length: Math.min(workers, runs) }, work))
}
