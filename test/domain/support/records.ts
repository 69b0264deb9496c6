/** Records to decide upon, without a store. */
import { DateTime, Duration } from "effect"
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import { AttemptId, JobId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"

const uuid = "00000000-0000-7000-8000-000000000001"

/** The time at which everything of these records began. */
export const start = DateTime.makeUnsafe(0)
export const after = (millis: number): DateTime.Utc => DateTime.addDuration(start, millis)

export const aGroup = (details: Partial<JobGroup> = {}): JobGroup => ({
  id: 1,
  type: "type",
  priority: 0,
  constraints: [],
  fairnessKey: null,
  ...details
})

/** A live attempt with a lease of 10 s and a maxRun of 60 s. */
export const anAttempt = (details: Partial<AttemptRecord> = {}): AttemptRecord => ({
  id: AttemptId.make(uuid),
  job: JobId.make(uuid),
  number: 1,
  worker: "worker",
  score: null,
  runnersUp: [],
  startedAt: start,
  endedAt: null,
  outcome: null,
  lease: Duration.seconds(10),
  leaseExpiresAt: after(10_000),
  pickupBy: null,
  firstSignAt: null,
  maxRun: Duration.seconds(60),
  runUntil: after(60_000),
  cancelAt: null,
  mark: 0,
  percent: null,
  message: null,
  checkpoint: null,
  result: null,
  error: null,
  nextRunAt: null,
  startedVersion: 2,
  endedVersion: null,
  ...details
})

/** A job in the hands of a worker. */
export const aJob = (details: Partial<JobRecord> = {}): JobRecord => ({
  id: JobId.make(uuid),
  group: aGroup(),
  status: "processing",
  version: 2,
  parameters: null,
  tags: [],
  project: null,
  fairnessKey: null,
  createdBy: null,
  schedule: null,
  createdAt: start,
  runAt: start,
  firstRunAt: start,
  startedAt: start,
  finishedAt: null,
  expiresIn: null,
  expiresAt: null,
  attempts: 1,
  failures: 0,
  losses: 0,
  maxAttempts: null,
  lease: null,
  maxRun: null,
  reason: null,
  cancelRequest: null,
  attempt: anAttempt(),
  ...details
})
