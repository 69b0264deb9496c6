/** What falls due with time, in the store in memory. */
import { DateTime } from "effect"
import { clockRunOut } from "../../domain/Attempt.ts"
import { type Due, keyLifetime, type Overdue } from "../../domain/JobRepo.ts"
import type { JobRecord } from "../../domain/Job.ts"
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
