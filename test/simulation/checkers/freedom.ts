/** Where no rule of the supervisor keeps jobs back: what is pending there is given to whoever may have it. */
import { DateTime, Duration } from "effect"
import { type Facts, mirrorBackstop } from "../Facts.ts"

/** Whether nothing keeps back the jobs of the type, and nothing has for longer than a tick: no pause, limit or patience. */
export const isFree = (facts: Facts, type: string): boolean =>
  facts
    .policiesOf(type, facts.tick)
    .every(
      ({ concurrency, patience, paused, perFairnessKey, perWorker, rateLimit }) =>
        !paused &&
        Duration.isZero(patience) &&
        concurrency === null &&
        perFairnessKey === null &&
        perWorker === null &&
        rateLimit === null
    )

/** Whether nothing keeps the worker from the type, and nothing has for longer than a tick. */
export const isUnrestricted = (facts: Facts, worker: string, type: string): boolean =>
  facts.worker(worker, facts.tick).every((known) => {
    const until = known?.quarantines.get(type)
    return (
      (known === null || known.state === "active") &&
      (until === undefined ||
        // What is left of a quarantine servers count by a clock that is never set, and ask the store now and then.
        (!facts.wasSetWithin(mirrorBackstop + facts.tick + facts.lag) &&
          DateTime.toEpochMillis(until) < facts.now() - facts.tick - facts.lag))
    )
  })
