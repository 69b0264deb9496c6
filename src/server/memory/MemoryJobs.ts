/** Jobs in the store in memory: stored, listed, and what people decide about them. */
import { DateTime, Duration } from "effect"
import { tokenNameOf } from "../../domain/access/Caller.ts"
import type { JobId } from "../../domain/Identifiers.ts"
import { type Amended, amendedGroup, type JobAmending, newRelaxTimes } from "../../domain/jobs/Amendment.ts"
import type { Cancellation } from "../../domain/jobs/Cancellation.ts"
import type { JobConditions, JobFilter } from "../../domain/jobs/JobConditions.ts"
import { largestAnswer, type Page } from "../../domain/Page.ts"
import { type Insertion, type JobInsert, keyLifetime, type Submission } from "../../domain/jobs/Submission.ts"
import { isFinished, type JobRecord } from "../../domain/jobs/Job.ts"
import { isMarked, recall } from "./MemoryDuties.ts"
import { addProject, refuse, reopen } from "./MemoryProjects.ts"
import { findJob, groupOf, keep, type MemoryState, pageOf, sizeOfJson } from "./MemoryState.ts"

/** How a job waits that is wanted at a time. */
const waitingFor = (wished: DateTime.Utc, now: DateTime.Utc): Pick<JobRecord, "status" | "runAt"> =>
  DateTime.isGreaterThan(wished, now)
    ? { status: "scheduled", runAt: wished }
    : { status: "pending", runAt: now }

const store = (state: MemoryState, now: DateTime.Utc, job: JobInsert): JobRecord => {
  const wished = job.runAt ?? (job.delay === null ? now : DateTime.addDuration(now, job.delay))
  const waiting = waitingFor(wished, now)
  return keep(state, {
    id: job.id,
    group: groupOf(state, job.group),
    ...waiting,
    version: 1,
    parameters: job.parameters,
    tags: job.tags,
    project: job.project,
    fairnessKey: job.group.fairnessKey,
    createdBy: job.createdBy,
    schedule: job.schedule,
    createdAt: now,
    firstRunAt: waiting.runAt,
    startedAt: null,
    finishedAt: null,
    expiresIn: job.expiresIn,
    expiresAt: job.expiresIn === null ? null : DateTime.addDuration(now, job.expiresIn),
    attempts: 0,
    failures: 0,
    losses: 0,
    maxAttempts: job.maxAttempts,
    lease: job.lease,
    maxRun: job.maxRun,
    reason: null,
    cancelRequest: null,
    attempt: null
  })
}

export const submit = (state: MemoryState, now: DateTime.Utc, submission: Submission): Insertion => {
  const { idempotency, jobs, newProject } = submission
  const used = idempotency === null ? null : recall(state, now, idempotency.key)
  if (used !== null) {
    return { _tag: "Repeated", jobs: used.jobs, fingerprint: used.fingerprint, project: used.project }
  }
  const refused = refuse(state, submission)
  if (refused !== null) return refused
  if (idempotency !== null) {
    const { fingerprint, key } = idempotency
    const project = newProject?.id ?? null
    const forgottenAt = DateTime.addDuration(now, keyLifetime)
    state.keys.set(key, { jobs: jobs.map(({ id }) => id), project, fingerprint, forgottenAt })
  }
  if (newProject !== undefined) addProject(state, now, newProject)
  return { _tag: "Created", jobs: jobs.map((job) => store(state, now, job)) }
}

export const cancel = (
  state: MemoryState,
  now: DateTime.Utc,
  { grace, job: id, request }: Cancellation
): JobRecord | null => {
  const job = findJob(state, id)
  if (job === null || isFinished(job.status)) return null
  if (job.status !== "processing" || job.attempt === null) {
    return keep(state, {
      ...job,
      status: "cancelled",
      reason: "cancelled",
      cancelRequest: request,
      finishedAt: now,
      version: job.version + 1
    })
  }
  const cancelAt = job.attempt.cancelAt ?? DateTime.addDuration(now, grace)
  return keep(state, {
    ...job,
    cancelRequest: job.cancelRequest ?? request,
    attempt: { ...job.attempt, cancelAt }
  })
}

export const retry = (state: MemoryState, now: DateTime.Utc, id: JobId): JobRecord | null => {
  const history = state.histories.get(id)
  if (history === undefined) return null
  const { cancelRequest, finishedAt, reason, status } = history.job
  if (status !== "failed" && status !== "cancelled") return null
  const version = history.job.version + 1
  const undone = { status, finishedAt, reason, cancelRequest }
  reopen(state, history.job)
  state.histories.set(id, { ...history, retries: [...history.retries, { version, at: now, undone }] })
  return keep(state, {
    ...history.job,
    status: "pending",
    version,
    runAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: history.job.expiresIn === null ? null : DateTime.addDuration(now, history.job.expiresIn),
    attempts: 0,
    failures: 0,
    losses: 0,
    reason: null,
    cancelRequest: null
  })
}

export const amend = (
  state: MemoryState,
  now: DateTime.Utc,
  { amendment, job: id }: JobAmending
): Amended | null => {
  const history = state.histories.get(id)
  if (history === undefined) return null
  const { group, runAt, status, tags } = history.job
  if (isFinished(status) || (status === "processing" && amendment.runAt !== undefined)) return null
  const version = history.job.version + 1
  const made = amendment.runAt === undefined ? { status, runAt } : waitingFor(amendment.runAt, now)
  state.histories.set(id, {
    ...history,
    amendments: [...history.amendments, { version, replaced: { group, tags }, made }]
  })
  const job = keep(state, {
    ...history.job,
    ...made,
    version,
    group: groupOf(state, amendedGroup(group, amendment)),
    tags: amendment.tags ?? tags
  })
  const relaxed = newRelaxTimes(group, job.group)
    .map((time) => Duration.millis(time))
    .filter((time) =>
      isMarked(state, "relaxed", DateTime.toEpochMillis(job.runAt) + Duration.toMillis(time), id)
    )
  return { job, relaxed: job.status === "pending" ? relaxed : [] }
}

const assigneeOf = ({ attempt, status }: JobRecord): string | undefined =>
  status === "processing" || isFinished(status) ? attempt?.worker : undefined

const isAsked = <A>(wanted: A | undefined, actual: A): boolean => wanted === undefined || wanted === actual

/** The first jobs that a worker or its instances hold. */
export const heldBy = (state: MemoryState, worker: string, limit: number): ReadonlyArray<JobRecord> =>
  [...state.byStatus.processing.values()]
    .filter(({ attempt }) => attempt?.worker === worker || tokenNameOf(attempt?.worker ?? "") === worker)
    .slice(0, limit)

const sizeOfJob = ({ attempt, parameters }: JobRecord): number =>
  [
    parameters,
    attempt?.result ?? null,
    attempt?.error ?? null,
    attempt?.checkpoint ?? null,
    attempt?.message ?? null
  ].reduce<number>((sum, value) => sum + (value === null ? 0 : sizeOfJson(value)), 0)

/** Whether a job meets all conditions. */
export const meets = (job: JobRecord, conditions: JobConditions): boolean =>
  isAsked(conditions.type, job.group.type) &&
  isAsked(conditions.status, job.status) &&
  isAsked<string | null>(conditions.project, job.project) &&
  isAsked(conditions.assignee, assigneeOf(job)) &&
  isAsked<string | null>(conditions.schedule, job.schedule) &&
  (conditions.tag === undefined || job.tags.includes(conditions.tag))

/** All jobs, newest first. */
export const newestFirst = (state: MemoryState): ReadonlyArray<JobRecord> =>
  [...state.histories.values()].map(({ job }) => job).toSorted((left, right) => (left.id < right.id ? 1 : -1))

export const list = (state: MemoryState, filter: JobFilter): Page<JobRecord> => {
  const found = newestFirst(state).filter(
    (job) => meets(job, filter) && (filter.before === undefined || job.id < filter.before)
  )
  return pageOf(found, filter.limit, largestAnswer.list, sizeOfJob)
}
