/** Measures the whole life of jobs: all are created, then all are claimed and finished. */
import type { System } from "./System.ts"

/** Jobs per second. */
export interface Rates {
  readonly create: number
  readonly work: number
  /** One after the other: the rate at which jobs would pass if they were created and done at the same pace. */
  readonly life: number
}

const inParallel = async (callers: number, step: () => Promise<boolean>) => {
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (await step()) {
        // until there is nothing left to do
      }
    })
  )
}

const secondsOf = async (run: () => Promise<void>) => {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

export const measureRates = async (
  system: System,
  options: { readonly jobs: number; readonly perCall: number; readonly callers: number }
): Promise<Rates> => {
  const { callers, jobs, perCall } = options
  const doneBefore = await system.countDone()
  let toCreate = jobs
  const creating = await secondsOf(() =>
    inParallel(callers, async () => {
      if (toCreate <= 0) return false
      toCreate -= perCall
      await system.create(perCall)
      return true
    })
  )
  let toFinish = jobs
  const working = await secondsOf(() =>
    inParallel(callers, async () => {
      if (toFinish <= 0) return false
      // Read after the wait: the other callers change it in the meantime.
      const finished = await system.work(perCall)
      toFinish -= finished
      return true
    })
  )
  const done = (await system.countDone()) - doneBefore
  if (done !== jobs) throw new Error(`${system.name}: ${jobs} jobs were created and ${done} are done`)
  return { create: jobs / creating, work: jobs / working, life: jobs / (creating + working) }
}

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((left, right) => left - right)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ] ?? Number.NaN
