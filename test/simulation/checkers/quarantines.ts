/**
 * A worker that has failed or lost as many jobs of a type within a while as the policy says is put into quarantine, soon and
 * for as long as that says; and nobody else is.
 */
import { DateTime, Duration } from "effect"
import { failingOutcomes } from "../../../src/domain/attempts/failedBy.ts"
import type { Quarantine } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"
import { endedBy } from "./known/EndedAttempts.ts"

/** Somebody who fails as long before the end of a while as this may not have failed within it when that is looked at. */
const closeToTheEdge = 10_000

/** What may be expected of somebody who has just failed. */
interface Suspect {
  readonly worker: string
  readonly type: string
  readonly since: number
  readonly elapsed: number
}

export const quarantines: CheckerMaker = {
  name: "quarantines",
  make: (facts, violated) => {
    const longest = 200 + 20 * facts.options.storeDelay
    /** When each worker failed jobs of a type, as far as a quarantine has not paid for it. */
    const failures = new Map<string, Array<number>>()
    const suspects = new Map<string, Suspect>()
    const keyOf = (worker: string, type: string) => `${worker} ${type}`

    const countWithin = (key: string, { within }: Quarantine, margin: number): number => {
      const earliest = facts.now() - Duration.toMillis(within) + margin
      return (failures.get(key) ?? []).filter((at) => at > earliest).length
    }

    const checkConviction = (worker: string, type: string, until: DateTime.Utc) => {
      const key = keyOf(worker, type)
      const left = DateTime.toEpochMillis(until) - facts.now()
      const isDeserved = facts.rules
        .policiesOf(type)
        .some(
          ({ quarantine }) =>
            quarantine !== null &&
            countWithin(key, quarantine, 0) >= quarantine.failures &&
            Duration.toMillis(quarantine.for) === left
        )
      if (!isDeserved)
        violated(`${worker} is in quarantine for ${type} for ${left} ms, and no policy says so`)
      failures.delete(key)
      suspects.delete(key)
    }

    /** Whether by any rule that may be in force the worker must have been put into quarantine when it failed last. */
    const isConvicted = (key: string, type: string, before: number): boolean =>
      facts.rules
        .policiesOf(type, before)
        .every(
          ({ quarantine }) =>
            quarantine !== null && countWithin(key, quarantine, closeToTheEdge) >= quarantine.failures
        )

    const checkFree = (key: string, { elapsed, since, type, worker }: Suspect): void => {
      const age = facts.elapsed() - elapsed
      // Whoever could not be looked at will be when it fails the next time.
      if (!facts.troubles.isSafeSince(since) || !isConvicted(key, type, age)) return void suspects.delete(key)
      if (facts.delays.lateness(since) > longest)
        violated(`${worker} has failed ${failures.get(key)?.length ?? 0} jobs of ${type}, and is free`)
    }

    return {
      changed: (change) => {
        const ended = endedBy(change)
        if (ended === null || !failingOutcomes.includes(ended.outcome)) return
        const { type, worker } = ended
        const key = keyOf(worker, type)
        failures.set(key, [...(failures.get(key) ?? []), facts.now()])
        const until = facts.state.workers.get(worker)?.quarantines.get(type)?.epochMilliseconds ?? -Infinity
        const isFree = until <= facts.now()
        if (isFree && isConvicted(key, type, 0))
          suspects.set(key, { worker, type, since: facts.now(), elapsed: facts.elapsed() })
      },
      workerChanged: (before, after) => {
        for (const [type, until] of after?.quarantines ?? []) {
          if (after !== null && before?.quarantines.get(type) !== until)
            checkConviction(after.name, type, until)
        }
      },
      saw: (sighting) => {
        if (sighting._tag !== "Glance") return
        for (const [key, suspect] of suspects) checkFree(key, suspect)
      }
    }
  }
}
