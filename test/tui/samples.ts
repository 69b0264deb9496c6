/** What a server might tell, for tests of what is made of it. */
import { DateTime, Duration } from "effect"
import type { Attempt } from "../../src/domain/attempts/Attempt.ts"
import { noJobs, totalsOf } from "../../src/domain/stats/Flow.ts"
import { AttemptId, JobId, ProjectId } from "../../src/domain/Identifiers.ts"
import type { Job } from "../../src/domain/jobs/Job.ts"
import type { Project, ProjectStanding } from "../../src/domain/projects/Project.ts"
import type { Schedule } from "../../src/domain/schedules/Schedule.ts"
import type { StatsSnapshot, TypeStats } from "../../src/domain/stats/StatsSnapshot.ts"
import type { Worker } from "../../src/domain/workers/Worker.ts"
import { lookOf } from "../../src/tui/look/Look.ts"
import type { Action } from "../../src/tui/state/Action.ts"
import { reduce, settle } from "../../src/tui/state/reduce.ts"
import { type Page } from "../../src/tui/state/Data.ts"
import {
  type Access,
  initialState,
  keyOfWish,
  placeOf,
  type State,
  wishOf
} from "../../src/tui/state/State.ts"
import { press } from "../../src/tui/keys/press.ts"
import { ToldEvent } from "../../src/tui/state/ToldEvent.ts"
import type { BossEventJson } from "../../src/domain/events/BossEvent.ts"
import type { Step } from "../../src/tui/keys/Step.ts"

/** The time in all samples. */
export const now = 1_900_000_000_000

export const at = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

/** The nth id of its kind. */
const uuid = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`

export const jobId = (n: number) => JobId.make(uuid(n))

export const jobOf = (n: number, more: Partial<Job> = {}): Job => ({
  id: jobId(n),
  type: "thumbnail",
  status: "pending",
  parameters: { n },
  constraints: [],
  priority: 0,
  tags: [],
  project: null,
  fairnessKey: null,
  createdBy: null,
  schedule: null,
  createdAt: at(now - 60_000 - n),
  runAt: at(now - 60_000 - n),
  startedAt: null,
  finishedAt: null,
  expiresIn: null,
  expiresAt: null,
  assignee: null,
  attempt: null,
  attempts: 0,
  maxAttempts: 5,
  losses: 0,
  lease: Duration.seconds(60),
  maxRun: Duration.minutes(30),
  progress: null,
  result: null,
  error: null,
  ...more
})

export const runningJob = (n: number): Job =>
  jobOf(n, {
    status: "processing",
    startedAt: at(now - 30_000),
    assignee: "render-7",
    attempts: 1,
    progress: { percent: 40, message: "resizing 日本語 🎬" },
    constraints: [{ skill: "memoryGb", op: "gte", value: 8 }],
    tags: ["nightly"]
  })

export const failedJob = (n: number): Job =>
  jobOf(n, {
    status: "failed",
    startedAt: at(now - 30_000),
    finishedAt: at(now - 20_000),
    assignee: "render-8",
    attempts: 5,
    error: { message: "no such file: \u001b[31mbeach.png\u001b[0m\r\nat line 7" }
  })

export const attemptOf = (number: number, more: Partial<Attempt> = {}): Attempt => ({
  id: AttemptId.make(uuid(9_000 + number)),
  number,
  worker: "render-7",
  startedAt: at(now - 30_000),
  endedAt: null,
  outcome: null,
  lease: Duration.seconds(60),
  leaseExpiresAt: at(now + 42_000),
  error: null,
  score: 0.8251,
  runnersUp: [],
  ...more
})

export const typeOf = (type: string, more: Partial<TypeStats> = {}): TypeStats => ({
  type,
  counts: { ...noJobs, pending: 1_234, processing: 5, done: 98_765, failed: 3 },
  totals: totalsOf([]),
  rates: { created: 12.5, assigned: 12, done: 11.9, failed: 0.1 },
  failureRate: 0.008,
  paused: false,
  concurrency: null,
  oldestPending: at(now - 200_000),
  ...more
})

export const statsOf = (types: ReadonlyArray<TypeStats>, created = 0, millis = now): StatsSnapshot => ({
  at: at(millis),
  types,
  truncated: false,
  total: {
    counts: { ...noJobs, pending: 1_234, processing: 5, done: 98_765, failed: 3 },
    totals: { ...totalsOf([]), created },
    rates: { created: 12.5, assigned: 12, done: 11.9, failed: 0.1 },
    failureRate: 0.008
  },
  version: "0.1.0",
  uptime: Duration.hours(3),
  vacancies: 4,
  wait: { p50: Duration.millis(12), p95: Duration.millis(140) },
  run: { p50: Duration.seconds(1), p95: Duration.seconds(30) },
  streams: { followers: 0, events: 1, progress: 2, claims: 0 }
})

export const workerOf = (name: string, more: Partial<Worker> = {}): Worker => ({
  name,
  state: "active",
  reason: null,
  changedBy: null,
  firstSeenAt: at(now - 3_600_000),
  lastSeenAt: at(now - 2_000),
  present: true,
  types: ["thumbnail", "video.*"],
  skills: { memoryGb: 16, region: "eu" },
  accepts: [],
  running: [],
  record: [{ type: "thumbnail", done: 40, failed: 2, lost: 1, medianRun: Duration.millis(850) }],
  quarantines: [],
  ...more
})

export const projectOf = (n: number, name: string): Project => ({
  id: ProjectId.make(uuid(n)),
  name,
  metadata: null,
  status: "open",
  closed: false,
  createdBy: null,
  createdAt: at(now - 90_000),
  finishedAt: null,
  cancelRequest: null
})

export const standingOf = (project: Project): ProjectStanding => ({
  ...project,
  counts: { ...noJobs, done: 30, pending: 70 },
  percent: 30
})

export const scheduleOf = (name: string): Schedule => ({
  name,
  cron: "30 4 * * *",
  timeZone: "Europe/Berlin",
  job: { type: "report" },
  overlap: "allow",
  catchUp: "none",
  paused: false,
  nextTicks: [at(now + 7_200_000)],
  lastTick: at(now - 79_200_000),
  lastJob: null,
  createdAt: at(now - 9_000_000),
  changedAt: at(now - 9_000_000),
  changedBy: null
})

/** A dashboard that has just been opened, by a supervisor unless said otherwise, in a terminal of 120 by 36. */
export const begin = (access: Partial<Access> = {}, size = { columns: 120, rows: 36 }): State =>
  initialState({
    url: "http://127.0.0.1:8080",
    look: lookOf(true, true),
    access: { role: "supervisor", isReadOnly: false, ...access },
    now,
    size
  })

/** A state after all that was told, each shown before the next. */
export const after = (state: State, ...actions: ReadonlyArray<Action>): State =>
  actions.reduce((before, action) => settle(reduce(before, action)), state)

/** A state that has just heard of the server. */
export const live = (state: State = begin()): State =>
  after(state, { kind: "stats", stats: statsOf([typeOf("thumbnail"), typeOf("video.transcode")]), now })

/** The page that the place has asked for. */
export const pageFor = (state: State, page: Page): Action => ({
  kind: "page",
  key: keyOfWish(wishOf(state)),
  page,
  now
})

export const jobsPage = (items: ReadonlyArray<Job>, hasMore = false): Page => ({
  kind: "jobs",
  items,
  hasMore
})

/** The keys one after another, with the orders of all. */
export const pressAll = (state: State, ...keys: ReadonlyArray<string>): Step =>
  keys.reduce<Step>(
    (step, key) => {
      const next = press(step.state, key)
      return { state: next.state, orders: [...step.orders, ...next.orders] }
    },
    { state, orders: [] }
  )

export const typeText = (text: string): ReadonlyArray<string> =>
  [...text].map((character) => (character === " " ? "space" : character))

/** A dashboard at its jobs, which are there. */
export const atJobs = (items: ReadonlyArray<Job>, hasMore = false, state: State = live()): State => {
  const there = pressAll(state, "3").state
  return after(there, pageFor(there, jobsPage(items, hasMore)))
}

/** What is selected where the keys go to. */
export const selectedOf = (state: State): string | null => {
  const place = placeOf(state)
  return place.panes[place.focus]?.selected ?? null
}

/** An event as a server tells it. */
export const asTold = (event: BossEventJson): ToldEvent => new ToldEvent(event.event, JSON.stringify(event))
