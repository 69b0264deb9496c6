/** What the tests of a store share: jobs to put in, slots to give them to, and ways to look at what came of it. */
import { randomUUID } from "node:crypto"
import { assert, type Vitest } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"
import { AttemptRecord } from "../../src/domain/attempts/Attempt.ts"
import { AttemptId, BulkActionId, JobId, ProjectId } from "../../src/domain/Identifiers.ts"
import type { AttemptEnd } from "../../src/domain/attempts/AttemptEnd.ts"
import type { Cancellation } from "../../src/domain/jobs/Cancellation.ts"
import type { Claim, Claimed, ClaimedJob, ClaimSource } from "../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { ProgressEvent, ProgressWrite } from "../../src/domain/attempts/SignOfLife.ts"
import type { JobInsert, Submission } from "../../src/domain/jobs/Submission.ts"
import { type CancelRequest, ChangedJob, JobRecord } from "../../src/domain/jobs/Job.ts"
import type { ProjectInsert } from "../../src/domain/projects/Project.ts"
import type { Store } from "../../src/domain/Store.ts"
import type { Seeker } from "../../src/domain/matching/Ranking.ts"
import type { Transition } from "../../src/domain/attempts/Lifecycle.ts"
import { type Acceptance, acceptedJobs, anyJob } from "../../src/domain/matching/Acceptance.ts"
import type { JobGroup } from "../../src/domain/matching/Matching.ts"

/** A suite in the making: where its tests go, and how the store's time goes on. */
export interface Suite {
  readonly it: Vitest.MethodsNonLive<Store>
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
}

/** What a suite is told of the store that it runs on. */
export interface SuiteOptions {
  /** Lets the store's time go on. It must stand still otherwise, so that tests can look at the millisecond before. */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  /** For a store with real input and output: no test clock. */
  readonly live?: boolean
  /** How long the store may take to start and to stop. */
  readonly startTimeout?: Duration.Input
}

/** More than any store of a test holds. */
export const plenty = 1_000_000

// Increasing, as UUIDv7 are, and unlike those of any other run on the same store.
const prefix = `${randomUUID().slice(0, 14)}7${randomUUID().slice(15, 24)}`
let count = 0
const newUuid = () => {
  count += 1
  return prefix + count.toString(16).padStart(12, "0")
}
export const newJobId = (): JobId => JobId.make(newUuid())
export const newAttemptId = (): AttemptId => AttemptId.make(newUuid())
export const newProjectId = (): ProjectId => ProjectId.make(newUuid())
/** A name that nothing else in the store has. */
export const newName = (kind: string): string => `${kind}-${newUuid()}`

export const newGroup = (wishes: Partial<Omit<JobGroup, "id">> = {}): Omit<JobGroup, "id"> => ({
  type: newName("type"),
  priority: 0,
  constraints: [],
  fairnessKey: null,
  ...wishes
})

export const newJob = (wishes: Partial<JobInsert> = {}): JobInsert => ({
  id: newJobId(),
  group: wishes.group ?? newGroup(),
  parameters: null,
  tags: [],
  project: null,
  createdBy: null,
  schedule: null,
  runAt: null,
  delay: null,
  expiresIn: null,
  maxAttempts: null,
  lease: null,
  maxRun: null,
  ...wishes
})

/** The value, which a test knows to be there. */
export const present = <A>(value: A | null | undefined): A => {
  if (value === null || value === undefined) return assert.fail("there is nothing")
  return value
}
export const first = <A>(values: ReadonlyArray<A>): A => present(values[0])

const jobCodec = Schema.toCodecJson(JobRecord)
const attemptCodec = Schema.toCodecJson(AttemptRecord)
const encodeJob = Schema.encodeSync(jobCodec)
const encodeAttempt = Schema.encodeSync(attemptCodec)
const changeCodec = Schema.toCodecJson(ChangedJob)
/** What must be told of a job that changed, as plain JSON. A store may tell more. */
const plainChange = Schema.encodeSync(changeCodec)
const decodeChange = Schema.decodeSync(changeCodec)
/** Only what must be told of a job that changed. */
export const changeOf = (job: ChangedJob): ChangedJob => decodeChange(plainChange(job))
/** A record as plain JSON, to be compared whole. */
export const plain = (job: JobRecord | null) => (job === null ? null : encodeJob(job))
export const plainAttempt = (attempt: AttemptRecord | null) =>
  attempt === null ? null : encodeAttempt(attempt)

export const assertSameJob = (actual: JobRecord | null, expected: JobRecord | null): void =>
  assert.deepStrictEqual(plain(actual), plain(expected))
export const assertSameAttempt = (actual: AttemptRecord | null, expected: AttemptRecord | null): void =>
  assert.deepStrictEqual(plainAttempt(actual), plainAttempt(expected))
/** That a time is `millis` milliseconds after another. */
export const assertAfter = (time: DateTime.Utc | null, start: DateTime.Utc, millis: number): void =>
  assert.strictEqual(DateTime.toEpochMillis(present(time)), DateTime.toEpochMillis(start) + millis)

export const submission = (
  jobs: ReadonlyArray<JobInsert>,
  idempotency: Submission["idempotency"] = null
): Submission => ({ jobs, idempotency })

/** Stores jobs in one submission, and returns their records in the same order. */
export const insert = Effect.fnUntraced(function* (...jobs: ReadonlyArray<JobInsert>) {
  const repo = yield* JobRepo
  const submitted = first(yield* repo.insert([submission(jobs)]))
  if (submitted._tag !== "Created") return assert.fail("the jobs were not created")
  return submitted.jobs
})

/** How many milliseconds, for the jobs of each group. What others have left scheduled is made pending first. */
export const waitsFor = Effect.fnUntraced(function* (
  given: ReadonlyArray<readonly [group: JobGroup, after: number]>
) {
  const repo = yield* JobRepo
  yield* repo.promote(plenty)
  return (asked: JobGroup) =>
    given.flatMap(([group, after]) => (group.id === asked.id ? [Duration.millis(after)] : []))
})

/** Stores a project without jobs. */
export const addProject = Effect.fnUntraced(function* (wishes: Partial<ProjectInsert> = {}) {
  const repo = yield* JobRepo
  const newProject = {
    id: newProjectId(),
    name: "project",
    metadata: {},
    isClosed: false,
    createdBy: null,
    ...wishes
  }
  yield* repo.insert([{ ...submission([]), newProject }])
  return newProject.id
})

/** An action that cancels the jobs of a project, asked for by nobody in particular unless more is said. */
export const cancelling = (project: ProjectId, by: string | null = null, reason: string | null = null) => ({
  id: BulkActionId.make(newUuid()),
  action: "cancel" as const,
  filter: { project },
  by,
  reason
})

export const insertOne = (wishes: Partial<JobInsert> = {}) => Effect.map(insert(newJob(wishes)), first)

export const sourceOf = (job: JobRecord, clocks: Partial<ClaimSource> = {}): ClaimSource => ({
  group: job.group,
  limits: null,
  turn: 0,
  lease: Duration.minutes(1),
  maxRun: Duration.minutes(30),
  pickup: null,
  better: null,
  ...clocks
})

/** One job wanted by one worker. */
export interface Slot {
  readonly attempt: AttemptId
  readonly worker: string
  readonly lease: Duration.Duration | null
}

/** A worker that asks for a job, without skills and of whom nothing is known. */
export const newSeeker = (wishes: Partial<Seeker> = {}): Seeker => ({
  worker: "worker",
  suitability: { types: [], skills: {}, accepts: [] },
  accepted: anyJob,
  max: 1,
  lease: null,
  keptFrom: new Set(),
  records: new Map(),
  running: 0,
  ...wishes
})

/** A claim for these slots, each of them a worker's by itself. */
export const claimOf = (
  sources: ReadonlyArray<ClaimSource>,
  slots: ReadonlyArray<Slot>,
  accepts: ReadonlyArray<Acceptance> = []
): Claim => {
  const accepted = acceptedJobs(accepts)
  return {
    sources,
    seekers: slots.map(({ lease, worker }) => newSeeker({ worker, lease, accepted })),
    attempts: slots.map(({ attempt }) => attempt)
  }
}

export const newSlot = (wishes: Partial<Slot> = {}): Slot => ({
  attempt: newAttemptId(),
  worker: "worker",
  lease: null,
  ...wishes
})

export const newSlots = (size: number): ReadonlyArray<Slot> => Array.from({ length: size }, () => newSlot())

/** What a claim is answered with while others are claiming from the same jobs. */
export const nothingForNow: Claimed = {
  jobs: [],
  contended: true,
  reached: [],
  drained: [],
  later: [],
  heads: []
}

/** The job that was given away, which must be found as it was told. */
export const findClaimed = Effect.fnUntraced(function* ({ attempt, job }: ClaimedJob) {
  const found = yield* findTold(job)
  assertSameAttempt(found.attempt, attempt)
  assert.deepStrictEqual(job.parameters, found.parameters)
  return { job: found, attempt }
})

/** The jobs given to the slots, from the groups of the jobs named. */
export const claim = Effect.fnUntraced(function* (
  sources: ReadonlyArray<ClaimSource>,
  slots: ReadonlyArray<Slot>,
  accepts: ReadonlyArray<Acceptance> = []
) {
  const repo = yield* JobRepo
  const { jobs } = yield* repo.claim(claimOf(sources, slots, accepts))
  return yield* Effect.forEach(jobs, findClaimed)
})

/** A job that was created and given to a worker. */
export const startOne = Effect.fnUntraced(function* (
  wishes: {
    readonly job?: Partial<JobInsert>
    readonly slot?: Partial<Slot>
    readonly clocks?: Partial<ClaimSource>
  } = {}
) {
  const job = yield* insertOne(wishes.job)
  return first(yield* claim([sourceOf(job, wishes.clocks)], [newSlot(wishes.slot)]))
})

/** The next attempt at a pending job. */
export const startAgain = (job: JobRecord, slot: Partial<Slot> = {}) =>
  Effect.map(claim([sourceOf(job)], [newSlot(slot)]), first)

export const findOne = Effect.fnUntraced(function* (id: JobId) {
  const repo = yield* JobRepo
  return first(yield* Effect.map(repo.find([id]), (jobs) => jobs.map(present)))
})

const transitions = {
  done: { outcome: "done", status: "done", spends: "nothing" },
  failed: { outcome: "failed", status: "failed", spends: "failure" },
  lost: { outcome: "lost", status: "pending", spends: "loss" },
  released: { outcome: "released", status: "pending", spends: "nothing" },
  retrying: { outcome: "failed", status: "scheduled", spends: "failure" },
  cancelled: { outcome: "cancelled", status: "cancelled", spends: "nothing" }
} as const

/** A transition as `Lifecycle.decide` makes them. */
export const transition = (kind: keyof typeof transitions, details: Partial<Transition> = {}): Transition => {
  const { outcome, spends, status } = transitions[kind]
  const wait = status === "pending" ? Duration.zero : status === "scheduled" ? Duration.seconds(15) : null
  return { outcome, spends, status, wait, result: null, error: null, ...details }
}

export const ending = (
  { attempt, job }: ClaimedJob,
  to: Transition,
  conditions: Partial<Omit<AttemptEnd, "job" | "attempt" | "transition">> = {}
): AttemptEnd => ({
  job: job.id,
  attempt: attempt.id,
  transition: to,
  worker: null,
  cancelling: null,
  onlyIfOverdue: false,
  ...conditions
})

/** The job that was told of, which must be found as it was told. */
export const findTold = Effect.fnUntraced(function* (told: ChangedJob) {
  const found = yield* findOne(told.id)
  assert.deepStrictEqual(plainChange(told), plainChange(found))
  return found
})

/** Ends an attempt. */
export const end = Effect.fnUntraced(function* (
  claimed: ClaimedJob,
  to: Transition,
  conditions: Parameters<typeof ending>[2] = {}
) {
  const repo = yield* JobRepo
  const [told = null] = yield* repo.end([ending(claimed, to, conditions)])
  return told === null ? null : yield* findTold(told)
})

/** A wish to cancel, by nobody in particular unless a request says more. */
export const cancellation = (
  job: JobId,
  grace: Duration.Duration,
  request: Partial<CancelRequest> = {}
): Cancellation => ({ job, grace, request: { by: null, reason: null, ...request } })

export const renewal = ({ attempt, job }: ClaimedJob, worker = attempt.worker) => ({
  job: job.id,
  attempt: attempt.id,
  worker
})

export const progressWrite = (
  { attempt, job }: ClaimedJob,
  mark: number,
  details: Partial<Omit<ProgressWrite, "job" | "attempt" | "mark">> = {}
): ProgressWrite => ({
  job: job.id,
  attempt: attempt.id,
  mark,
  events: [],
  percent: null,
  message: null,
  checkpoint: undefined,
  ...details
})

export const logChunk = (id: number, data: string): ProgressEvent => ({ id, event: "log_chunk", data })

/** The events that are stored of an attempt. */
export const eventsOf = Effect.fnUntraced(function* (attempt: AttemptId, after = 0) {
  const repo = yield* JobRepo
  return (yield* repo.progressSince(attempt, after, plenty)).items
})

/** A job that failed for good. */
export const failOne = Effect.fnUntraced(function* (wishes: Parameters<typeof startOne>[0] = {}) {
  const claimed = yield* startOne(wishes)
  return present(yield* end(claimed, transition("failed", { error: { reason: "broken" } })))
})
