/**
 * The past of a job, read from what is kept of it: every state it has been in, in order, so that a follower who was
 * away misses none. Nothing extra is written for it.
 *
 * A job's version counts its states from 1. Version 1 is the creation, an attempt names the versions that its beginning
 * and its end made, a retry by hand names its own and keeps the end that it undid, an amendment names its own and keeps
 * what it replaced and when the job was due from then on. A version that none of them names is the moment at which a
 * scheduled job became due.
 */
import { DateTime, Schema } from "effect"
import type { AttemptRecord } from "../attempts/Attempt.ts"
import { JobRecord } from "./Job.ts"

/** A retry by hand: the version that it made, and the end that it undid. */
export const JobRetry = Schema.Struct({
  version: Schema.Int,
  at: Schema.DateTimeUtc,
  undone: Schema.Struct({
    status: JobRecord.fields.status,
    finishedAt: JobRecord.fields.finishedAt,
    reason: JobRecord.fields.reason,
    cancelRequest: JobRecord.fields.cancelRequest
  })
})
export type JobRetry = typeof JobRetry.Type

/** A change by hand: the version that it made, what was before it, and what it made of the job's time. */
export const JobAmendment = Schema.Struct({
  version: Schema.Int,
  replaced: Schema.Struct({ group: JobRecord.fields.group, tags: JobRecord.fields.tags }),
  made: Schema.Struct({ status: JobRecord.fields.status, runAt: JobRecord.fields.runAt })
})
export type JobAmendment = typeof JobAmendment.Type

/** What is kept of a job. */
export interface JobHistory {
  readonly job: JobRecord
  readonly attempts: ReadonlyArray<AttemptRecord>
  readonly retries: ReadonlyArray<JobRetry>
  readonly amendments: ReadonlyArray<JobAmendment>
}

const asBegun = (attempt: AttemptRecord): AttemptRecord => ({
  ...attempt,
  endedAt: null,
  outcome: null,
  firstSignAt: null,
  cancelAt: null,
  mark: 0,
  percent: null,
  message: null,
  result: null,
  error: null,
  nextRunAt: null,
  endedVersion: null
})

const expiryFrom = (start: DateTime.Utc, { expiresIn }: JobRecord): DateTime.Utc | null =>
  expiresIn === null ? null : DateTime.addDuration(start, expiresIn)

/** What no amendment before this version had replaced yet. */
const unamended = ({ amendments, job }: JobHistory, version: number): Pick<JobRecord, "group" | "tags"> => {
  const { group, tags } = amendments.find((amendment) => amendment.version > version)?.replaced ?? job
  return { group, tags }
}

const created = (job: JobRecord): JobRecord => ({
  ...job,
  version: 1,
  status: DateTime.isGreaterThan(job.firstRunAt, job.createdAt) ? "scheduled" : "pending",
  runAt: job.firstRunAt,
  startedAt: null,
  finishedAt: null,
  expiresAt: expiryFrom(job.createdAt, job),
  attempts: 0,
  failures: 0,
  losses: 0,
  reason: null,
  cancelRequest: null,
  attempt: null
})

const began = (before: JobRecord, attempt: AttemptRecord): JobRecord => ({
  ...before,
  status: "processing",
  startedAt: before.startedAt ?? attempt.startedAt,
  attempts: attempt.number,
  attempt: asBegun(attempt)
})

// An end without a next attempt is either the job's present state or one that a retry undid, and both are told in full
// elsewhere: only an end that leads on is read from the attempt. What was spent is told by the outcome, save that an
// attempt which its job's expiry fenced off was charged to nobody.
const ended = (before: JobRecord, attempt: AttemptRecord, byExpiry: boolean): JobRecord => ({
  ...before,
  status:
    attempt.nextRunAt !== null &&
    attempt.endedAt !== null &&
    DateTime.isGreaterThan(attempt.nextRunAt, attempt.endedAt)
      ? "scheduled"
      : "pending",
  runAt: attempt.nextRunAt ?? before.runAt,
  failures:
    before.failures +
    (attempt.outcome === "failed" || (attempt.outcome === "timed-out" && !byExpiry) ? 1 : 0),
  losses: before.losses + (attempt.outcome === "lost" ? 1 : 0),
  attempt
})

const retried = (before: JobRecord, retry: JobRetry): JobRecord => ({
  ...before,
  status: "pending",
  runAt: retry.at,
  startedAt: null,
  finishedAt: null,
  expiresAt: expiryFrom(retry.at, before),
  attempts: 0,
  failures: 0,
  losses: 0,
  reason: null,
  cancelRequest: null
})

const becameDue = (before: JobRecord): JobRecord => ({ ...before, status: "pending" })

/** Every state of the job after version `seen`, oldest first. The last one is the job as it is now. */
export const statesSince = (history: JobHistory, seen: number): ReadonlyArray<JobRecord> => {
  const { amendments, attempts, job, retries } = history
  const beginnings = new Map(attempts.map((attempt) => [attempt.startedVersion, attempt]))
  const ends = new Map(attempts.map((attempt) => [attempt.endedVersion, attempt]))
  const retriesAt = new Map(retries.map((retry) => [retry.version, retry]))
  const amendmentsAt = new Map(amendments.map((amendment) => [amendment.version, amendment]))

  const next = (before: JobRecord, version: number): JobRecord => {
    const beginning = beginnings.get(version)
    if (beginning !== undefined) return began(before, beginning)
    const end = ends.get(version)
    if (end !== undefined) {
      return ended(before, end, retriesAt.get(version + 1)?.undone.reason === "expired")
    }
    const amendment = amendmentsAt.get(version)
    if (amendment !== undefined) return { ...before, ...amendment.made, ...unamended(history, version) }
    const retry = retriesAt.get(version)
    return retry === undefined ? becameDue(before) : retried(before, retry)
  }

  const states: Array<JobRecord> = []
  let state = created({ ...job, ...unamended(history, 1) })
  for (let version = 1; version < job.version; version++) {
    if (version > 1) state = { ...next(state, version), version }
    const undone = retriesAt.get(version + 1)?.undone
    if (undone !== undefined) state = { ...state, ...undone }
    if (version > seen) states.push(state)
  }
  if (job.version > seen) states.push(job)
  return states
}
