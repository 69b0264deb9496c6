/**
 * How soon each background duty may have to act on a job to which something has happened; null for never, as far as this
 * tells. Too soon costs a look at the store, too late a delay.
 */
import { DateTime, Duration } from "effect"
import { relaxTimes } from "../matching/Matching.ts"
import type { ChangedJob } from "./Job.ts"
import { isFinished } from "./Job.ts"
import type { JobChange } from "./JobChange.ts"

// When somebody amended a job or asked for its cancellation is known to the store alone: it is asked at once.
const atOnce = Duration.zero

/** When the first clock of the live attempt runs out. */
export const overdueAfter = ({ attempt, status }: ChangedJob): Duration.Duration | null => {
  if (status !== "processing" || attempt === null) return null
  if (attempt.cancelAt !== null) return atOnce
  const first = DateTime.min(
    attempt.leaseExpiresAt,
    DateTime.min(attempt.runUntil, attempt.pickupBy ?? attempt.runUntil)
  )
  return DateTime.distance(attempt.startedAt, first)
}

/** When a scheduled job becomes pending. */
export const promotedAfter = (
  { attempt, createdAt, runAt, status }: ChangedJob,
  change: JobChange
): Duration.Duration | null => {
  if (status !== "scheduled") return null
  return change === "amended" ? atOnce : DateTime.distance(attempt?.endedAt ?? createdAt, runAt)
}

/** When the job expires, at the earliest. */
export const expiredAfter = ({ expiresIn, status }: ChangedJob): Duration.Duration | null =>
  status === "pending" || status === "scheduled" ? expiresIn : null

/** When a constraint of the job is relaxed. */
export const relaxedAfter = ({ group, status }: ChangedJob, change: JobChange): Duration.Duration | null => {
  if (status !== "pending" || change === "relaxed" || change === "unclaimed") return null
  const [first] = relaxTimes(group)
  if (first === undefined) return null
  return change === "amended" ? atOnce : Duration.millis(first)
}

/** Whether it is from now on that a job waits for a worker, if it is pending. */
const beginsToWait = (change: JobChange): boolean =>
  change === "created" || change === "promoted" || change === "retried" || change === "amended"

/** When somebody should know that no worker has claimed the job, `unclaimedAlert` being what the policy of its type says. */
export const unclaimedAfter = (
  { status }: ChangedJob,
  change: JobChange,
  unclaimedAlert: Duration.Duration | null
): Duration.Duration | null => (status === "pending" && beginsToWait(change) ? unclaimedAlert : null)

/** The ends of jobs within this time are looked at together. */
const gathering = Duration.millis(50)

/** When the project of the job may be finished. */
export const projectFinishedAfter = ({ project, status }: ChangedJob): Duration.Duration | null =>
  project !== null && isFinished(status) ? gathering : null
