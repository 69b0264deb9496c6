/** What this server measures of the store: how long it takes, and how much it is given at once. */
import { Context, Layer } from "effect"
import * as Histogram from "./Histogram.ts"

/** In seconds. */
const spans = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

/** By what was asked of the store, as in `JobRepo.insert`: there are as many names as the store has methods. */
type ByOperation = Map<string, Histogram.Histogram>

const histogramOf = (measures: ByOperation, operation: string, bounds: ReadonlyArray<number>) => {
  const known = measures.get(operation)
  if (known !== undefined) return known
  const histogram = Histogram.make(bounds)
  measures.set(operation, histogram)
  return histogram
}

export class StoreMeasures extends Context.Service<
  StoreMeasures,
  {
    /** How long the store took, in seconds, whether it succeeded or not. */
    readonly durations: ReadonlyMap<string, Histogram.Histogram>
    /** How many items it was given at once, where it takes batches. */
    readonly batches: ReadonlyMap<string, Histogram.Histogram>
    readonly took: (operation: string, seconds: number) => void
    readonly given: (operation: string, items: number) => void
  }
>()("lazyboss/domain/stats/StoreMeasures") {
  static readonly layer = Layer.sync(StoreMeasures, () => {
    const durations: ByOperation = new Map()
    const batches: ByOperation = new Map()
    return StoreMeasures.of({
      durations,
      batches,
      took: (operation, seconds) => Histogram.observe(histogramOf(durations, operation, spans), seconds),
      given: (operation, items) => Histogram.observe(histogramOf(batches, operation, sizes), items)
    })
  })
}
