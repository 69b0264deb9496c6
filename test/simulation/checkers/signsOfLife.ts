/** A sign of life that was acknowledged, be it a heartbeat or progress, extends the lease by all its length. */
import { DateTime, Duration } from "effect"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"

export const signsOfLife: CheckerMaker = {
  name: "signs of life count",
  make: (facts, violated) => {
    /** When each event of progress was sent first, by what has elapsed. */
    const sentAt = new Map<AttemptId, Map<number, number>>()

    const checkLease = ({ attempt, job }: Holding, ago: number) => {
      const kept = facts.state.histories.get(job)?.attempts.find(({ id }) => id === attempt)
      if (kept === undefined || facts.wasSetWithin(ago + 1)) return
      const least = facts.now() - ago + Duration.toMillis(kept.lease)
      const until = DateTime.toEpochMillis(kept.leaseExpiresAt)
      if (until < least)
        violated(`${attempt} gave a sign of life, and its lease is ${least - until} ms short`)
    }

    return {
      saw: (sighting) => {
        if (sighting._tag === "Alive") checkLease(sighting.holding, sighting.ago)
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
