/** What the boss decides, as lines of the log: what went wrong is a warning, and what goes as it should is for debugging. */
import { Context, DateTime, Effect, Layer, LogLevel, References } from "effect"
import type { NewEvent } from "./BossEvent.ts"
import { EventHub } from "./EventHub.ts"
import { endedWith, ofAttempt } from "./eventsOf.ts"
import type { JobChange } from "../jobs/JobChange.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import { formatTime } from "../RecentTimes.ts"

/** What a line says, the same for all jobs of which it is said. */
export interface Decision {
  readonly level: LogLevel.Severity
  readonly message: string
}

/** The fields of a line. What is null is left out. */
export type Fields = Readonly<Record<string, unknown>>

const decisions = {
  created: { level: "Debug", message: "job created" },
  promoted: { level: "Debug", message: "job due" },
  started: { level: "Debug", message: "attempt begun" },
  amended: { level: "Info", message: "job changed by hand" },
  unclaimed: { level: "Warn", message: "job unclaimed" },
  relaxed: { level: "Debug", message: "constraints of the job relaxed" },
  assigned: { level: "Debug", message: "job assigned" },
  done: { level: "Debug", message: "job done" },
  released: { level: "Debug", message: "attempt released" },
  retrying: { level: "Debug", message: "attempt failed, job to be tried again" },
  failed: { level: "Warn", message: "job failed for good" },
  lost: { level: "Warn", message: "attempt lost" },
  timedOut: { level: "Warn", message: "attempt timed out" },
  cancelled: { level: "Info", message: "job cancelled" },
  cancelling: { level: "Info", message: "job is being cancelled" },
  retried: { level: "Info", message: "job retried by hand" },
  expired: { level: "Warn", message: "job expired" }
} as const satisfies Record<string, Decision>

const ofEnd = ({ attempt, status }: ChangedJob): Decision => {
  switch (status) {
    case "failed":
      return decisions.failed
    case "cancelled":
      return decisions.cancelled
    default:
  }
  switch (attempt?.outcome) {
    case "done":
      return decisions.done
    case "lost":
      return decisions.lost
    case "timed-out":
      return decisions.timedOut
    case "failed":
      return decisions.retrying
    default:
      return decisions.released
  }
}

/** What is to be said of a job to which this has happened. */
export const decisionOf = (change: JobChange, job: ChangedJob): Decision => {
  switch (change) {
    case "ended":
      return ofEnd(job)
    case "cancelled":
      return job.status === "cancelled" ? decisions.cancelled : decisions.cancelling
    default:
      return decisions[change]
  }
}

/** The clock that has run out, by the name of its setting; null if none has. */
const clockOf = (change: JobChange, job: ChangedJob): string | null => {
  if (change === "expired") return "expiresIn"
  const attempt = endedWith(job)
  if (attempt === null || attempt.endedAt === null) return null
  const { endedAt, outcome, pickupBy } = attempt
  switch (outcome) {
    case "lost":
      return pickupBy !== null && DateTime.isLessThanOrEqualTo(pickupBy, endedAt) ? "pickup" : "lease"
    case "timed-out":
      return "maxRun"
    case "cancelled":
      return "cancelGrace"
    default:
      return null
  }
}

type Subject = Parameters<typeof ofAttempt>[0]
type TheAttempt = NonNullable<ChangedJob["attempt"]>

const namesOf = (job: Subject, attempt: TheAttempt | null): Fields =>
  attempt === null
    ? { job: job.id, type: job.group.type, project: job.project }
    : { ...ofAttempt(job, attempt), outcome: attempt.outcome }

/** The attempt to which it happened, and not to the job alone. */
const concerned = (change: JobChange, job: ChangedJob): TheAttempt | null => {
  switch (change) {
    case "assigned":
    case "started":
      return job.attempt
    case "cancelled":
      return job.status === "processing" ? job.attempt : null
    case "ended":
    case "expired":
      return endedWith(job)
    default:
      return null
  }
}

/** What is told of the job beside what has happened to it. */
export const fieldsOf = (change: JobChange, job: ChangedJob, by: string | null = null): Fields => ({
  ...namesOf(job, concerned(change, job)),
  status: job.status,
  reason: clockOf(change, job),
  by: by ?? job.cancelRequest?.by ?? null,
  failures: job.failures > 0 ? job.failures : null,
  losses: job.losses > 0 ? job.losses : null,
  runAt: job.status === "scheduled" ? formatTime(job.runAt) : null
})

const write = ({ level, message }: Decision, fields: Fields): Effect.Effect<void> =>
  Effect.annotateLogs(
    Effect.logWithLevel(level)(message),
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  )

const undelivered = {
  callerGone: { level: "Info", message: "attempt given back, for its caller had gone" },
  keptFrom: { level: "Info", message: "attempt given back, for its worker may not have it any more" }
} as const satisfies Record<string, Decision>

/** Why a job could not be delivered: nobody waited for it any more, or its worker was kept from it meanwhile. */
export type Undelivered = keyof typeof undelivered

const reportRefused: Decision = { level: "Info", message: "report refused, for the attempt was over" }

/** Logs that a job could not be delivered. */
export const logUndelivered = (job: ChangedJob, why: Undelivered): Effect.Effect<void> =>
  write(undelivered[why], namesOf(job, job.attempt))

/** Logs that a report came too late for its attempt, which had ended otherwise. */
export const logRefusal = (job: Subject, attempt: TheAttempt): Effect.Effect<void> =>
  write(reportRefused, namesOf(job, attempt))

const byHand = {
  "project created": "Debug",
  "project closed": "Info",
  "project to be cancelled": "Info",
  "schedule set": "Info",
  "schedule deleted": "Info",
  "schedule run by hand": "Info"
} as const satisfies Record<string, LogLevel.Severity>

/** Logs what somebody wanted of a project or a schedule. */
export const logWish = (message: keyof typeof byHand, about: Fields): Effect.Effect<void> =>
  write({ level: byHand[message], message }, about)

const told: Partial<Record<NewEvent["event"], Decision>> = {
  "worker.seen": { level: "Debug", message: "worker seen" },
  "worker.gone": { level: "Info", message: "worker gone" },
  "worker.quarantined": { level: "Warn", message: "worker quarantined" },
  "worker.state": { level: "Info", message: "worker's state set" },
  "policy.changed": { level: "Info", message: "policy changed" },
  "project.finished": { level: "Info", message: "project finished" },
  "schedule.fired": { level: "Debug", message: "schedule fired" },
  "schedule.skipped": { level: "Info", message: "schedule skipped ticks" },
  "type.paused": { level: "Info", message: "type paused or resumed" }
}

/** Logs an event that is not about a job: those are logged as what has happened to their jobs. */
export const logEvent = ({ event, ...about }: NewEvent): Effect.Effect<void> => {
  const decision = told[event]
  return decision === undefined ? Effect.void : write(decision, about)
}

/** Logs what happens on this server. A line below the level in force costs no more than finding that out. */
export const layer = Layer.effectDiscard(
  Effect.gen(function* () {
    const hub = yield* EventHub
    const context = yield* Effect.context()
    const run = Effect.runForkWith(context)
    const lowest = Context.get(context, References.MinimumLogLevel)
    yield* hub.listen((jobs, change, circumstances) => {
      const lines = jobs.flatMap((job, index) => {
        const decision = decisionOf(change, job)
        return LogLevel.isGreaterThanOrEqualTo(decision.level, lowest)
          ? [write(decision, fieldsOf(change, job, circumstances[index]?.by))]
          : []
      })
      if (lines.length > 0) run(Effect.all(lines, { discard: true }))
    })
  })
)
