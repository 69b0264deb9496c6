/** No clock runs out early, whenever the time is set, and none is noticed later than its tick: leases, maxRun, pickup, grace, expiry, due times. */
import { DateTime } from "effect"
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import { isFinished, type JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

const millis = (time: DateTime.Utc | null | undefined): number =>
  time == null ? Infinity : DateTime.toEpochMillis(time)

/** When the first clock of a job runs out that should end it, or its attempt. */
const firstClock = ({ attempt, expiresAt, status }: JobRecord): number =>
  status !== "processing" || attempt === null
    ? millis(expiresAt)
    : Math.min(
        millis(expiresAt),
        millis(attempt.leaseExpiresAt),
        millis(attempt.runUntil),
        millis(attempt.pickupBy),
        millis(attempt.cancelAt)
      )

/** When the clock ran out by which an attempt ended; null if it did not end by a clock. */
const clockOf = (before: AttemptRecord, after: JobRecord): number | null => {
  if (after.reason === "expired") return null
  switch (after.attempt?.outcome) {
    case "lost":
      return Math.min(millis(before.leaseExpiresAt), millis(before.pickupBy))
    case "timed-out":
      return millis(before.runUntil)
    case "cancelled":
      return millis(before.cancelAt)
    default:
      return null
  }
}

export const clocks: CheckerMaker = {
  name: "clocks",
  make: (facts, violated) => {
    const check = (what: string, due: number) => {
      if (facts.troubles.latest < due) violated(`${what} ${due - facts.troubles.latest} ms early`)
      const late = facts.delays.lateness(due)
      if (late > facts.delays.tick) violated(`${what} ${late} ms late`)
    }
    return {
      changed: ({ after, before, id }) => {
        if (after === null || before === null) return
        const [was, is] = [before.job, after.job]
        if (!isFinished(was.status)) {
          const late = facts.delays.lateness(firstClock(was))
          if (late > facts.delays.tick)
            violated(`${id} goes from ${was.status} to ${is.status} ${late} ms after its time`)
        }
        if (was.status === "processing" && is.status !== "processing" && was.attempt !== null) {
          const due = clockOf(was.attempt, is)
          if (due !== null) check(`the attempt of ${id} ended as ${is.attempt?.outcome}`, due)
        }
        if (was.reason !== "expired" && is.reason === "expired") check(`${id} expired`, millis(was.expiresAt))
        // By an amendment a job is due when that says.
        const isPromoted =
          was.status === "scheduled" && is.status === "pending" && millis(was.runAt) === millis(is.runAt)
        if (isPromoted) check(`${id} became due`, millis(was.runAt))
        if (
          was.status === "pending" &&
          is.status === "processing" &&
          facts.troubles.latest < millis(was.runAt)
        ) {
          violated(`${id} began before it was due`)
        }
      }
    }
  }
}
