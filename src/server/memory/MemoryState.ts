/** What the store in memory keeps. Records are never changed, only replaced, so that whoever read one may keep it. */
import { Context, DateTime, Duration, Effect, Layer } from "effect"
import type { AttemptRecord } from "../../domain/attempts/Attempt.ts"
import type { BulkActionRecord } from "../../domain/jobs/BulkAction.ts"
import type { AttemptId, BulkActionId, JobId, ProjectId } from "../../domain/Identifiers.ts"
import type { Flow, StatusCounts } from "../../domain/stats/Flow.ts"
import type { Due } from "../../domain/Due.ts"
import type { Page } from "../../domain/Page.ts"
import type { ProgressEvent } from "../../domain/attempts/SignOfLife.ts"
import { canonicalJson, type JsonValue } from "../../domain/Json.ts"
import type { JobRecord, JobStatus } from "../../domain/jobs/Job.ts"
import type { Begun } from "../../domain/matching/Limits.ts"
import type { Acceptance } from "../../domain/matching/Acceptance.ts"
import type { Skills } from "../../domain/matching/Constraint.ts"
import type { JobGroup } from "../../domain/matching/Matching.ts"
import type { StoredPolicy } from "../../domain/policies/PolicyRepo.ts"
import type { ProjectRecord } from "../../domain/projects/Project.ts"
import type { ScheduleRecord } from "../../domain/schedules/Schedule.ts"
import type { JobHistory } from "../../domain/jobs/Timeline.ts"
import type { StoredToken } from "../../domain/access/Token.ts"
import type { WorkerState } from "../../domain/workers/Worker.ts"
import type { WorkDone } from "../../domain/workers/WorkerRepo.ts"

/** A used idempotency key. */
export interface UsedKey {
  readonly jobs: ReadonlyArray<JobId>
  readonly project: ProjectId | null
  readonly fingerprint: string
  readonly forgottenAt: DateTime.Utc
}

/** What is kept of a worker. Of one that was never seen nor decided upon there may be work and quarantines all the same. */
export interface KnownWorker {
  readonly name: string
  readonly isKnown: boolean
  readonly state: WorkerState
  readonly reason: string | null
  readonly changedBy: string | null
  readonly firstSeenAt: DateTime.Utc
  readonly lastSeenAt: DateTime.Utc | null
  readonly isPresent: boolean
  readonly types: ReadonlyArray<string>
  readonly skills: Skills
  readonly accepts: ReadonlyArray<Acceptance>
  readonly work: ReadonlyMap<string, WorkDone>
  /** When its quarantines end, by type. */
  readonly quarantines: ReadonlyMap<string, DateTime.Utc>
}

/** That a worker failed or lost a job. */
export interface WorkerFailure {
  readonly worker: string
  readonly type: string
  readonly at: DateTime.Utc
}

/** How far a duty has come: all jobs of earlier moments are done, and of this moment all up to this job. */
interface DutyMark {
  /** In milliseconds since the epoch. */
  readonly at: number
  readonly job: string
}

/** The state that all parts of one store share. */
export class Memory extends Context.Service<Memory, MemoryState>()(
  "lazyboss/server/memory/MemoryState/Memory"
) {
  static readonly layer = Layer.sync(Memory, () => make())
}

export interface MemoryState {
  /** The attempts of a history are in the order in which they began; the last one is the job's own. */
  readonly histories: Map<JobId, JobHistory>
  /** The jobs once more, by status. */
  readonly byStatus: { readonly [Status in JobStatus]: Map<JobId, JobRecord> }
  /** The pending jobs once more, by the id of their group. */
  readonly pendingOf: Map<number, Map<JobId, JobRecord>>
  readonly groups: Map<string, JobGroup>
  /** Up to where jobs that wait were found: the moment of the last one, and the last of them at that moment. */
  readonly marks: { unclaimed: DutyMark | null; relaxed: DutyMark | null }
  /** What ever happened to jobs, counted, by the key of the flow. */
  readonly flows: Map<string, Flow>
  readonly keys: Map<string, UsedKey>
  /** Bulk actions, and until when somebody has taken them. */
  readonly bulkActions: Map<
    BulkActionId,
    { readonly action: BulkActionRecord; readonly busyUntil: DateTime.Utc }
  >
  /** Projects; of one that is finished, the counts of that moment, and until when it is kept at least. */
  readonly projects: Map<
    ProjectId,
    {
      readonly record: ProjectRecord
      readonly finished: { readonly counts: StatusCounts; readonly keptUntil: DateTime.Utc } | null
    }
  >
  /** When a schedule has fired last, beside what it is. */
  readonly schedules: Map<
    string,
    { readonly schedule: ScheduleRecord; readonly firedAt: DateTime.Utc | null }
  >
  scheduleVersion: number
  readonly policies: Map<string, StoredPolicy>
  readonly tokens: Map<string, StoredToken>
  readonly workers: Map<string, KnownWorker>
  readonly failures: Array<WorkerFailure>
  /** What began of the types that have a rate limit. */
  readonly begun: Map<string, ReadonlyArray<Begun>>
  readonly progress: Map<AttemptId, ReadonlyArray<ProgressEvent>>
}

/** An empty store. */
export const make = (): MemoryState => ({
  histories: new Map(),
  byStatus: {
    scheduled: new Map(),
    pending: new Map(),
    processing: new Map(),
    done: new Map(),
    failed: new Map(),
    cancelled: new Map()
  },
  pendingOf: new Map(),
  groups: new Map(),
  marks: { unclaimed: null, relaxed: null },
  flows: new Map(),
  keys: new Map(),
  bulkActions: new Map(),
  projects: new Map(),
  schedules: new Map(),
  scheduleVersion: 0,
  policies: new Map(),
  tokens: new Map(),
  workers: new Map(),
  failures: [],
  begun: new Map(),
  progress: new Map()
})

export const findJob = (state: MemoryState, id: JobId): JobRecord | null =>
  state.histories.get(id)?.job ?? null

/** Tells flows apart. */
export const keyOfFlow = ({ after, before, type }: Omit<Flow, "count">): string =>
  JSON.stringify([type, before, after])

/** Counts a job that was created, went to another status, or was deleted. */
const countFlow = (state: MemoryState, flow: Omit<Flow, "count">): void => {
  const key = keyOfFlow(flow)
  state.flows.set(key, { ...flow, count: (state.flows.get(key)?.count ?? 0) + 1 })
}

const enter = ({ byStatus, pendingOf }: MemoryState, job: JobRecord): void => {
  byStatus[job.status].set(job.id, job)
  if (job.status !== "pending") return
  const alike = pendingOf.get(job.group.id)
  if (alike === undefined) pendingOf.set(job.group.id, new Map([[job.id, job]]))
  else alike.set(job.id, job)
}

const leave = ({ byStatus, pendingOf }: MemoryState, { group, id, status }: JobRecord): void => {
  byStatus[status].delete(id)
  if (status !== "pending") return
  const alike = pendingOf.get(group.id)
  alike?.delete(id)
  if (alike?.size === 0) pendingOf.delete(group.id)
}

/** The job as it is now, in place of what it was. Its attempt, if it has one, is its last or a new one. */
export const keep = (state: MemoryState, job: JobRecord): JobRecord => {
  const known = state.histories.get(job.id)
  const { attempt } = job
  const earlier = known?.attempts.filter(({ id }) => id !== attempt?.id) ?? []
  state.histories.set(job.id, {
    job,
    attempts: attempt === null ? earlier : [...earlier, attempt],
    retries: known?.retries ?? [],
    amendments: known?.amendments ?? []
  })
  if (known !== undefined) leave(state, known.job)
  enter(state, job)
  const before = known?.job.status ?? null
  if (before !== job.status) countFlow(state, { type: job.group.type, before, after: job.status })
  return job
}

/** Drops the job and all that is kept of it. */
export const forget = (state: MemoryState, job: JobRecord): void => {
  for (const { id } of state.histories.get(job.id)?.attempts ?? []) state.progress.delete(id)
  state.histories.delete(job.id)
  leave(state, job)
  countFlow(state, { type: job.group.type, before: job.status, after: null })
}

/** The group of these properties, made if there is none. */
export const groupOf = (state: MemoryState, wanted: Omit<JobGroup, "id">): JobGroup => {
  const { constraints, fairnessKey, priority, type } = wanted
  const identity = canonicalJson({ constraints, fairnessKey, priority, type })
  const known = state.groups.get(identity)
  if (known !== undefined) return known
  const group = { id: state.groups.size + 1, type, priority, constraints, fairnessKey }
  state.groups.set(identity, group)
  return group
}

/** The live attempt of a job, if it is this one. */
export const liveAttempt = (job: JobRecord | null, attempt: AttemptId): AttemptRecord | null =>
  job?.status === "processing" && job.attempt?.id === attempt ? job.attempt : null

const encoder = new TextEncoder()

/** The bytes of a text. */
export const sizeOf = (text: string): number => encoder.encode(text).length
/** The bytes of a JSON value as text. */
export const sizeOfJson = (value: JsonValue): number => sizeOf(JSON.stringify(value))

/** The first of the items: at most `limit`, and none after `mostBytes` of them. */
export const pageOf = <A>(
  items: ReadonlyArray<A>,
  limit: number,
  mostBytes: number,
  sizeOfItem: (item: A) => number
): Page<A> => {
  const page: Array<A> = []
  let given = 0
  for (const item of items) {
    if (page.length === limit || given >= mostBytes) break
    page.push(item)
    given += sizeOfItem(item)
  }
  return { items: page, hasMore: page.length < items.length }
}

/** Splits what is to come into what is due at `now`, the oldest first and at most `limit`, and the time until the rest. */
export const takeDue = <A>(
  items: Iterable<A>,
  dueAt: (item: A) => DateTime.Utc | null,
  now: DateTime.Utc,
  limit: number
): Due<A> => {
  const time = DateTime.toEpochMillis(now)
  const due: Array<{ readonly item: A; readonly at: number }> = []
  let following = Infinity
  for (const item of items) {
    const at = dueAt(item)?.epochMilliseconds
    if (at === undefined) continue
    if (at <= time) due.push({ item, at })
    else if (at < following) following = at
  }
  due.sort((left, right) => left.at - right.at)
  const next = due[limit]?.at ?? following
  return {
    done: due.slice(0, limit).map(({ item }) => item),
    next: next === Infinity ? null : Duration.millis(Math.max(0, next - time))
  }
}

/** A step of the store. The time is read within it, so that nothing can come in between. */
export const step = <A>(run: (now: DateTime.Utc) => A): Effect.Effect<A> =>
  Effect.clockWith((clock) => Effect.sync(() => run(DateTime.makeUnsafe(clock.currentTimeMillisUnsafe()))))
