/** What falls due with time, in the store in memory. */
import { DateTime, Duration } from "effect"
import { clockRunOut } from "../../domain/Attempt.ts"
import { type Due, keyLifetime, type Overdue, type Unclaimed } from "../../domain/JobRepo.ts"
import type { ChangedJob, JobRecord } from "../../domain/Job.ts"
import { earliestClock } from "./MemoryAttempts.ts"
import { keep, type MemoryState, takeDue, type UsedKey } from "./MemoryState.ts"

export const overdue = (state: MemoryState, now: DateTime.Utc, limit: number): Due<Overdue> => {
  const { done, next } = takeDue(state.byStatus.processing.values(), earliestClock, now, limit)
  return {
    done: done.flatMap((job) => {
      const clock = job.attempt === null ? null : clockRunOut(job.attempt, now)
      return clock === null ? [] : [{ job, clock }]
    }),
    next
  }
}

export const promote = (state: MemoryState, now: DateTime.Utc, limit: number): Due<JobRecord> => {
  const { done, next } = takeDue(state.byStatus.scheduled.values(), ({ runAt }) => runAt, now, limit)
  return {
    done: done.map((job) => keep(state, { ...job, status: "pending", version: job.version + 1 })),
    next
  }
}

const expired = (job: JobRecord, now: DateTime.Utc): JobRecord => {
  const version = job.version + 1
  const { attempt } = job
  return {
    ...job,
    status: "failed",
    reason: "expired",
    finishedAt: now,
    version,
    attempt:
      attempt === null || job.status !== "processing"
        ? attempt
        : { ...attempt, endedAt: now, outcome: "timed-out", endedVersion: version }
  }
}

export const expire = (state: MemoryState, now: DateTime.Utc, limit: number): Due<JobRecord> => {
  const { pending, processing, scheduled } = state.byStatus
  const unfinished = [...scheduled.values(), ...pending.values(), ...processing.values()]
  const { done, next } = takeDue(unfinished, ({ expiresAt }) => expiresAt, now, limit)
  return { done: done.map((job) => keep(state, expired(job, now))), next }
}

/** After every job of a moment. */
const afterAnyJob = "ffffffff-ffff-ffff-ffff-ffffffffffff"

/** The moment of which all unclaimed jobs are found only when all of it are pending. */
const horizonOf = ({ byStatus }: MemoryState, now: DateTime.Utc): DateTime.Utc =>
  [...byStatus.scheduled.values()].reduce((earliest, { runAt }) => DateTime.min(earliest, runAt), now)

export const unclaimed = (
  state: MemoryState,
  now: DateTime.Utc,
  patience: ReadonlyArray<Unclaimed>,
  limit: number
): Due<ChangedJob> => {
  if (patience.length === 0) return { done: [], next: null }
  const afterOf = new Map(patience.map(({ after, group }) => [group.id, after]))
  const isMarked = (at: DateTime.Utc, job: string): boolean => {
    const mark = state.unclaimedMark
    if (mark === null) return false
    return DateTime.isLessThan(at, mark.at) || (DateTime.Equivalence(at, mark.at) && job <= mark.job)
  }
  const coming = [...state.byStatus.pending.values()]
    .flatMap((job) => {
      const after = afterOf.get(job.group.id)
      return after === undefined || job.attempts > 0
        ? []
        : [{ job, at: DateTime.addDuration(job.runAt, after) }]
    })
    .filter(({ at, job }) => !isMarked(at, job.id))
    .toSorted((left, right) => DateTime.Order(left.at, right.at) || (left.job.id < right.job.id ? -1 : 1))
  const horizon = horizonOf(state, now)
  const due = coming.filter(({ at }) => DateTime.isLessThanOrEqualTo(at, horizon)).slice(0, limit)
  const last = due[limit - 1]
  if (last !== undefined) state.unclaimedMark = { at: last.at, job: last.job.id }
  else if (!isMarked(horizon, afterAnyJob)) state.unclaimedMark = { at: horizon, job: afterAnyJob }
  const following = coming[due.length]
  return {
    done: due.map(({ job }) => ({ ...job, attempt: null })),
    next: following === undefined ? null : Duration.max(Duration.zero, DateTime.distance(now, following.at))
  }
}

const forgottenAt = ({ usedAt }: UsedKey): DateTime.Utc => DateTime.addDuration(usedAt, keyLifetime)

/** The use of a key that is still remembered at `now`. */
export const recall = (state: MemoryState, now: DateTime.Utc, key: string): UsedKey | null => {
  const used = state.keys.get(key)
  return used !== undefined && DateTime.isGreaterThan(forgottenAt(used), now) ? used : null
}

export const forgetKeys = (state: MemoryState, now: DateTime.Utc, limit: number): Due<string> => {
  const { done, next } = takeDue(state.keys, ([, used]) => forgottenAt(used), now, limit)
  const keys = done.map(([key]) => key)
  for (const key of keys) state.keys.delete(key)
  return { done: keys, next }
}
