/** When the first of the clocks of an `attempt` runs out, unless a sign of life comes before. */
export const earliestClock =
  "least(attempt.cancel_at, attempt.run_until, attempt.pickup_by, attempt.lease_expires_at)"
