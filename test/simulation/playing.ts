/** Plays many runs, in threads that each take the next seeds when they are done with theirs. A run is the same in any of them. */
import { availableParallelism } from "node:os"
import { isMainThread, parentPort, Worker } from "node:worker_threads"
import * as Coverage from "./coverage.ts"
import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"

/** After how many runs a thread says what came of them. */
const batch = 20

/** Most of what a run makes is thrown away at once: with room for much of it less is copied. */
const youngMegabytes = 64

/** What came of some runs. */
export interface Played {
  readonly runs: number
  readonly simulatedMillis: number
  readonly counts: ReadonlyMap<string, number>
  /** The seeds of those that failed. */
  readonly failed: ReadonlyArray<string>
}

interface Wish {
  readonly first: number
  readonly count: number
}

const play = ({ count, first }: Wish): Played => {
  const counts = new Map<string, number>()
  const failed: Array<string> = []
  let simulatedMillis = 0
  for (let seed = first; seed < first + count; seed++) {
    const outcome = simulate(draw(String(seed)))
    simulatedMillis += outcome.simulatedMillis
    Coverage.add(counts, outcome.counts)
    if (outcome.violation !== null) failed.push(String(seed))
  }
  return { runs: count, simulatedMillis, counts, failed }
}

if (!isMainThread) parentPort?.on("message", (wish: Wish) => parentPort?.postMessage(play(wish), []))

/** How many threads there are, if nobody says. */
export const usualWorkers = availableParallelism()

/** Plays at most so many runs from a seed on, as long as more are wanted. `played` hears what came of them, as it comes. */
export const playAll = async (
  {
    from,
    isEnough,
    runs,
    workers
  }: {
    readonly from: number
    readonly runs: number
    readonly workers: number
    readonly isEnough: () => boolean
  },
  played: (some: Played) => void
): Promise<void> => {
  let next = 0
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const thread = new Worker(new URL(import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes }
      })
      const ask = () => {
        const count = Math.min(batch, runs - next)
        if (count <= 0 || isEnough()) return void thread.terminate()
        thread.postMessage({ first: from + next, count } satisfies Wish, [])
        next += count
      }
      thread.on("message", (some: Played) => {
        played(some)
        ask()
      })
      thread.on("error", reject)
      thread.on("exit", () => resolve())
      ask()
    })
  await Promise.all(Array.from({ length: workers }, work))
}
