/** Attempts in the store in memory: begun, kept alive, ended. Each function is one step of one item of a batch. */
import { DateTime, Duration } from "effect"
import { type AttemptRecord, clockRunOut, type Holding, leaseOf } from "../../domain/attempts/Attempt.ts"
import type { AttemptEnd } from "../../domain/attempts/AttemptEnd.ts"
import type { PendingCancellation } from "../../domain/jobs/Cancellation.ts"
import type { ClaimedJob, ClaimSource } from "../../domain/jobs/Claim.ts"
import type { LivingAttempt, ProgressWrite, Renewed } from "../../domain/attempts/SignOfLife.ts"
import type { Choice } from "../../domain/matching/Candidates.ts"
import type { AttemptId, JobId } from "../../domain/Identifiers.ts"
import type { JobRecord } from "../../domain/jobs/Job.ts"
import { findJob, keep, liveAttempt, type MemoryState } from "./MemoryState.ts"

/** Begins an attempt at a job. */
export const begin = (
  state: MemoryState,
  now: DateTime.Utc,
  choice: Choice<{ readonly source: ClaimSource }, JobRecord>,
  id: AttemptId
): ClaimedJob => {
  const {
    job: { id: jobId },
    queue: { source },
    runnersUp,
    score,
    seeker
  } = choice
  const job = findJob(state, jobId) ?? choice.job
  const maxRun = job.maxRun ?? source.maxRun
  const lease = leaseOf({ worker: seeker.lease, job: job.lease, policy: source.lease, maxRun })
  const attempt: AttemptRecord = {
    id,
    job: job.id,
    number: job.attempts + 1,
    worker: seeker.worker,
    score,
    runnersUp,
    startedAt: now,
    endedAt: null,
    outcome: null,
    lease,
    leaseExpiresAt: DateTime.addDuration(now, lease),
    pickupBy: source.pickup === null ? null : DateTime.addDuration(now, source.pickup),
    firstSignAt: null,
    maxRun,
    runUntil: DateTime.addDuration(now, maxRun),
    cancelAt: null,
    mark: 0,
    percent: null,
    message: null,
    checkpoint: job.attempt?.checkpoint ?? null,
    result: null,
    error: null,
    nextRunAt: null,
    startedVersion: job.version + 1,
    endedVersion: null
  }
  const begun = keep(state, {
    ...job,
    status: "processing",
    version: attempt.startedVersion,
    startedAt: job.startedAt ?? now,
    attempts: attempt.number,
    attempt
  })
  return { job: begun, attempt }
}

export const end = (state: MemoryState, now: DateTime.Utc, ending: AttemptEnd): JobRecord | null => {
  const job = findJob(state, ending.job)
  const attempt = liveAttempt(job, ending.attempt)
  if (job === null || attempt === null) return null
  if (ending.worker !== null && ending.worker !== attempt.worker) return null
  if (ending.cancelling !== null && ending.cancelling !== (attempt.cancelAt !== null)) return null
  if (ending.onlyIfOverdue && clockRunOut(attempt, now) === null) return null

  const { error, outcome, result, spends, status, wait } = ending.transition
  if (spends !== "nothing") {
    state.failures.push({ worker: attempt.worker, type: job.group.type, at: now })
  }
  const version = job.version + 1
  const nextRunAt = wait === null ? null : DateTime.addDuration(now, wait)
  return keep(state, {
    ...job,
    status,
    version,
    runAt: nextRunAt ?? job.runAt,
    finishedAt: wait === null ? now : null,
    failures: job.failures + (spends === "failure" ? 1 : 0),
    losses: job.losses + (spends === "loss" ? 1 : 0),
    attempt: { ...attempt, endedAt: now, outcome, result, error, nextRunAt, endedVersion: version }
  })
}

export const findCancellation = (
  state: MemoryState,
  now: DateTime.Utc,
  id: JobId,
  attempt: AttemptId
): PendingCancellation | null => {
  const job = findJob(state, id)
  const cancelAt = liveAttempt(job, attempt)?.cancelAt ?? null
  if (cancelAt === null) return null
  return {
    grace: Duration.max(DateTime.distance(now, cancelAt), Duration.zero),
    reason: job?.cancelRequest?.reason ?? null
  }
}

const keepAlive = (
  state: MemoryState,
  now: DateTime.Utc,
  job: JobRecord,
  attempt: AttemptRecord
): LivingAttempt => {
  const alive = {
    ...attempt,
    leaseExpiresAt: DateTime.addDuration(now, attempt.lease),
    pickupBy: null,
    firstSignAt: attempt.firstSignAt ?? now
  }
  const kept = keep(state, { ...job, attempt: alive })
  return { ...alive, started: attempt.firstSignAt === null ? kept : null }
}

export const renew = (state: MemoryState, now: DateTime.Utc, renewal: Holding): Renewed => {
  const job = findJob(state, renewal.job)
  const attempt = liveAttempt(job, renewal.attempt)
  return job === null || attempt === null || attempt.worker !== renewal.worker
    ? null
    : keepAlive(state, now, job, attempt)
}

export const recordProgress = (state: MemoryState, now: DateTime.Utc, write: ProgressWrite): Renewed => {
  const job = findJob(state, write.job)
  const attempt = liveAttempt(job, write.attempt)
  if (job === null || attempt === null || attempt.mark !== write.mark) return null
  const { checkpoint, events, message, percent } = write
  state.progress.set(attempt.id, [...(state.progress.get(attempt.id) ?? []), ...events])
  return keepAlive(state, now, job, {
    ...attempt,
    mark: events.at(-1)?.id ?? attempt.mark,
    percent: percent ?? attempt.percent,
    message: message ?? attempt.message,
    checkpoint: checkpoint === undefined ? attempt.checkpoint : checkpoint
  })
}

/** The moment at which the first clock of a job's live attempt runs out. */
export const earliestClock = ({ attempt }: JobRecord): DateTime.Utc | null =>
  attempt === null
    ? null
    : [attempt.cancelAt, attempt.pickupBy, attempt.leaseExpiresAt].reduce<DateTime.Utc>(
        (earliest, at) => (at === null || at.epochMilliseconds >= earliest.epochMilliseconds ? earliest : at),
        attempt.runUntil
      )
