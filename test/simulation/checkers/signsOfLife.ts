/**
 * A sign of life that was acknowledged, be it a heartbeat or progress, extends the lease by all its length, and stops the
 * clock of the pickup. The answer to a heartbeat says whether the worker is to stop.
 */
import { DateTime, Duration } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"
import { ToBeStopped } from "./known/ToBeStopped.ts"

export const signsOfLife: CheckerMaker = {
  name: "signs of life count",
  make: (facts, violated) => {
    /** When each event of progress was sent first, by what has elapsed. */
    const sentAt = new Map<AttemptId, Map<number, number>>()
    const toBeStopped = new ToBeStopped(facts)

    const checkLease = ({ attempt, job }: Holding, ago: number) => {
      const kept = facts.state.histories.get(job)?.attempts.find(({ id }) => id === attempt)
      if (kept === undefined) return
      if (kept.pickupBy !== null || kept.firstSignAt === null)
        violated(`${attempt} gave a sign of life, and is still waited for`)
      if (facts.troubles.wasClockSetWithin(ago + 1)) return
      const least = facts.now() - ago + Duration.toMillis(kept.lease)
      const until = DateTime.toEpochMillis(kept.leaseExpiresAt)
      if (until < least)
        violated(`${attempt} gave a sign of life, and its lease is ${least - until} ms short`)
    }

    const checkWord = ({ attempt }: Holding, ago: number, isToStop: boolean) => {
      const since = toBeStopped.since(attempt)
      if (isToStop && since === undefined) violated(`${attempt} was told to stop, and nobody wished it`)
      if (isToStop || since === undefined || facts.troubles.wasClockSetWithin(ago + 1)) return
      const before = facts.now() - ago - since
      if (before > 0)
        violated(`${attempt} was not told to stop, which was wished ${before} ms before it asked`)
    }

    return {
      changed: (change) => toBeStopped.changed(change),
      saw: (sighting) => {
        if (sighting._tag === "Alive") {
          checkLease(sighting.holding, sighting.ago)
          checkWord(sighting.holding, sighting.ago, sighting.isToStop)
        }
        if (sighting._tag === "Sent") {
          const { holding, id } = sighting
          const times = sentAt.get(holding.attempt) ?? new Map<number, number>()
          sentAt.set(holding.attempt, times)
          if (!times.has(id)) times.set(id, facts.elapsed())
        }
        if (sighting._tag === "Seen") {
          const at = sentAt.get(sighting.holding.attempt)?.get(sighting.mark)
          if (at !== undefined) checkLease(sighting.holding, facts.elapsed() - at)
        }
      }
    }
  }
}
