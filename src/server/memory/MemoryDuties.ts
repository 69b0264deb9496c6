/** What falls due with time, in the store in memory. */
import { DateTime, Duration } from "effect"
import { clockRunOut } from "../../domain/attempts/Attempt.ts"
import type { Overdue } from "../../domain/attempts/AttemptEnd.ts"
import type { Due } from "../../domain/Due.ts"
import type { Waited, WaitsOf } from "../../domain/jobs/Waited.ts"
import type { JobRecord } from "../../domain/jobs/Job.ts"
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

/** Whether the mark of a duty is past a moment of a job, in milliseconds. */
export const isMarked = (
  { marks }: MemoryState,
  duty: keyof MemoryState["marks"],
  at: number,
  job: string
): boolean => {
  const mark = marks[duty]
  return mark !== null && (at < mark.at || (at === mark.at && job <= mark.job))
}

/** Jobs that have waited long enough and come after the mark of the duty. Moves the mark behind them. */
const waited = (
  state: MemoryState,
  now: DateTime.Utc,
  {
    duty,
    limit,
    waitsOf
  }: {
    readonly duty: keyof MemoryState["marks"]
    readonly waitsOf: WaitsOf
    readonly limit: number
  },
  isMeant: (job: JobRecord) => boolean
): Due<Waited> => {
  const waiting = [...state.pendingOf.values()].flatMap((jobs) => {
    const [first] = jobs.values()
    const waits = first === undefined ? [] : waitsOf(first.group)
    return waits.length === 0 ? [] : [{ jobs, waits }]
  })
  if (waiting.length === 0) return { done: [], next: null }
  const coming = waiting
    .flatMap(({ jobs, waits }) =>
      [...jobs.values()].filter(isMeant).flatMap((job) =>
        waits.map((after) => ({
          job,
          after,
          at: DateTime.toEpochMillis(job.runAt) + Duration.toMillis(after)
        }))
      )
    )
    .filter(({ at, job }) => !isMarked(state, duty, at, job.id))
    .toSorted((left, right) => left.at - right.at || (left.job.id < right.job.id ? -1 : 1))
  const horizon = horizonOf(state, now)
  const due = coming.filter(({ at }) => at <= horizon).slice(0, limit)
  const last = due[limit - 1]
  if (last !== undefined) state.marks[duty] = { at: last.at, job: last.job.id }
  else if (!isMarked(state, duty, horizon, afterAnyJob)) state.marks[duty] = { at: horizon, job: afterAnyJob }
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
  waitsOf: WaitsOf,
  limit: number
): Due<Waited> => waited(state, now, { duty: "unclaimed", waitsOf, limit }, (job) => job.attempts === 0)

export const relaxed = (
  state: MemoryState,
  now: DateTime.Utc,
  waitsOf: WaitsOf,
  limit: number
): Due<Waited> => waited(state, now, { duty: "relaxed", waitsOf, limit }, () => true)

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
