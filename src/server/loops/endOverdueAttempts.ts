/** Ends the attempts of which a clock has run out. */
import { DateTime, Duration, Effect } from "effect"
import { LeaseManager } from "../../domain/attempts/LeaseManager.ts"
import * as Duty from "./duty.ts"

export const endOverdueAttempts = Effect.gen(function* () {
  const leases = yield* LeaseManager
  return yield* Duty.run({
    name: "end overdue attempts",
    step: leases.endOverdue,
    dueAfter: ({ attempt, status }) => {
      if (status !== "processing" || attempt === null) return null
      // When a cancellation was asked for is not known here, so the store is asked at once.
      if (attempt.cancelAt !== null) return Duration.zero
      const first = DateTime.min(
        attempt.leaseExpiresAt,
        DateTime.min(attempt.runUntil, attempt.pickupBy ?? attempt.runUntil)
      )
      return DateTime.distance(attempt.startedAt, first)
    }
  })
})
