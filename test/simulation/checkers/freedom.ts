/** Where no rule of the supervisor keeps jobs back: what is pending there is given to whoever may have it. */
import { DateTime, Duration } from "effect"
import type { Facts } from "../Facts.ts"

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
        (facts.areQuarantinesCounted(facts.tick) && DateTime.toEpochMillis(until) < facts.now() - facts.tick))
    )
  })
