/** A sign of life that was acknowledged extends the lease by all its length. */
import { DateTime, Duration } from "effect"
import type { CheckerMaker } from "../Checker.ts"

export const signsOfLife: CheckerMaker = {
  name: "signs of life count",
  make: (facts, violated) => ({
    saw: (sighting) => {
      if (sighting._tag !== "Alive") return
      const { ago, attempt, job } = sighting
      const kept = facts.state.histories.get(job)?.attempts.find(({ id }) => id === attempt)
      if (kept === undefined || facts.wasSetWithin(ago + 1)) return
      const least = facts.now() - ago + Duration.toMillis(kept.lease)
      const until = DateTime.toEpochMillis(kept.leaseExpiresAt)
      if (until < least)
        violated(`${attempt} gave a sign of life, and its lease is ${least - until} ms short`)
    }
  })
}
