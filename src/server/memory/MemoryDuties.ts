/** What falls due with time, in the store in memory. */
import { DateTime, Duration } from "effect"
import { clockRunOut } from "../../domain/attempts/Attempt.ts"
import { type Due, type Overdue, type Wait, type Waited } from "../../domain/jobs/JobRepo.ts"
import type { ChangedJob, JobRecord } from "../../domain/jobs/Job.ts"
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
  const unfinished = [scheduled, pending, processing].flatMap((jobs) =>
    [...jobs.values()].filter(({ expiresAt }) => expiresAt !== null)
  )
  const { done, next } = takeDue(unfinished, ({ expiresAt }) => expiresAt, now, limit)
  return { done: done.map((job) => keep(state, expired(job, now))), next }
}

/** After every job of a moment. */
const afterAnyJob = "ffffffff-ffff-ffff-ffff-ffffffffffff"

/** The moment of which all jobs that wait are found only when all of it are pending. */
const horizonOf = ({ byStatus }: MemoryState, now: DateTime.Utc): number => {
  let earliest = DateTime.toEpochMillis(now)
  for (const { runAt } of byStatus.scheduled.values()) {
    earliest = Math.min(earliest, DateTime.toEpochMillis(runAt))
  }
  return earliest
}

/** Jobs that have waited long enough, beyond where the duty had come, which then has come so much further. */
const waited = (
  state: MemoryState,
  now: DateTime.Utc,
  {
    duty,
    limit,
    waits
  }: {
    readonly duty: keyof MemoryState["marks"]
    readonly waits: ReadonlyArray<Wait>
    readonly limit: number
  },
  isMeant: (job: JobRecord) => boolean
): Due<Waited> => {
  if (waits.length === 0) return { done: [], next: null }
  const mark = state.marks[duty]
  const isMarked = (at: number, job: string): boolean =>
    mark !== null && (at < mark.at || (at === mark.at && job <= mark.job))
  const coming = waits
    .flatMap(({ after, group }) => {
      const millis = Duration.toMillis(after)
      return [...(state.pendingOf.get(group.id)?.values() ?? [])]
        .filter(isMeant)
        .map((job) => ({ job, after, at: DateTime.toEpochMillis(job.runAt) + millis }))
    })
    .filter(({ at, job }) => !isMarked(at, job.id))
    .toSorted((left, right) => left.at - right.at || (left.job.id < right.job.id ? -1 : 1))
  const horizon = horizonOf(state, now)
  const due = coming.filter(({ at }) => at <= horizon).slice(0, limit)
  const last = due[limit - 1]
  if (last !== undefined) state.marks[duty] = { at: last.at, job: last.job.id }
  else if (!isMarked(horizon, afterAnyJob)) state.marks[duty] = { at: horizon, job: afterAnyJob }
  const following = coming[due.length]
  return {
    done: due.map(({ after, job }) => ({ job: { ...job, attempt: null }, after })),
    next:
      following === undefined
        ? null
        : Duration.millis(Math.max(0, following.at - DateTime.toEpochMillis(now)))
  }
}

export const unclaimed = (
  state: MemoryState,
  now: DateTime.Utc,
  waits: ReadonlyArray<Wait>,
  limit: number
): Due<ChangedJob> => {
  const { done, next } = waited(state, now, { duty: "unclaimed", waits, limit }, (job) => job.attempts === 0)
  return { done: done.map(({ job }) => job), next }
}

export const relaxed = (
  state: MemoryState,
  now: DateTime.Utc,
  waits: ReadonlyArray<Wait>,
  limit: number
): Due<Waited> => waited(state, now, { duty: "relaxed", waits, limit }, () => true)

/** The use of a key that is still remembered at `now`. */
export const recall = (state: MemoryState, now: DateTime.Utc, key: string): UsedKey | null => {
  const used = state.keys.get(key)
  return used !== undefined && DateTime.isGreaterThan(used.forgottenAt, now) ? used : null
}

export const forgetKeys = (state: MemoryState, now: DateTime.Utc, limit: number): Due<string> => {
  const { done, next } = takeDue(state.keys, ([, { forgottenAt }]) => forgottenAt, now, limit)
  const keys = done.map(([key]) => key)
  for (const key of keys) state.keys.delete(key)
  return { done: keys, next }
}
