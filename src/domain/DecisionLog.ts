/** What the boss decides, as lines of the log: what went wrong is a warning, and what goes as it should is for debugging. */
import { Context, DateTime, Effect, Layer, LogLevel, References } from "effect"
import { EventHub } from "./EventHub.ts"
import type { Happening } from "./Happening.ts"
import type { ChangedJob } from "./Job.ts"

/** What a line says, the same for all jobs of which it is said. */
export interface Decision {
  readonly level: LogLevel.Severity
  readonly message: string
}

/** The fields of a line. What is undefined is left out. */
export type Fields = Readonly<Record<string, string | number | undefined>>

const decisions = {
  created: { level: "Debug", message: "job created" },
  promoted: { level: "Debug", message: "job due" },
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
export const decisionOf = (happening: Happening, job: ChangedJob): Decision => {
  switch (happening) {
    case "ended":
      return ofEnd(job)
    case "cancelled":
      return job.status === "cancelled" ? decisions.cancelled : decisions.cancelling
    default:
      return decisions[happening]
  }
}

/** The clock that ended the attempt, by the name of its setting; undefined if none did. */
const clockOf = (happening: Happening, { attempt }: ChangedJob): string | undefined => {
  if (happening === "expired") return "expiresIn"
  if (attempt === null || attempt.endedAt === null) return undefined
  const { endedAt, outcome, pickupBy } = attempt
  switch (outcome) {
    case "lost":
      return pickupBy !== null && DateTime.isLessThanOrEqualTo(pickupBy, endedAt) ? "pickup" : "lease"
    case "timed-out":
      return "maxRun"
    case "cancelled":
      return "cancelGrace"
    default:
      return undefined
  }
}

/** Which attempt it is of which job, and whose. */
const namesOf = ({ attempt, group, id }: Pick<ChangedJob, "id" | "group" | "attempt">): Fields => ({
  job: id,
  type: group.type,
  attempt: attempt?.id,
  attemptNumber: attempt?.number,
  worker: attempt?.worker,
  outcome: attempt?.outcome ?? undefined
})

// The last attempt of a job that was waiting has nothing to do with what happened to it.
const isOfAttempt = (happening: Happening, { attempt, status }: ChangedJob): boolean => {
  switch (happening) {
    case "assigned":
    case "ended":
      return true
    case "cancelled":
      return status === "processing"
    case "expired":
      return attempt?.outcome === "timed-out"
    default:
      return false
  }
}

/** What is told of the job beside what has happened to it. */
export const fieldsOf = (happening: Happening, job: ChangedJob): Fields => ({
  ...namesOf(isOfAttempt(happening, job) ? job : { ...job, attempt: null }),
  status: job.status,
  reason: clockOf(happening, job),
  failures: job.failures > 0 ? job.failures : undefined,
  losses: job.losses > 0 ? job.losses : undefined,
  runAt: job.status === "scheduled" ? DateTime.formatIso(job.runAt) : undefined
})

const write = ({ level, message }: Decision, fields: Fields): Effect.Effect<void> =>
  Effect.annotateLogs(
    Effect.logWithLevel(level)(message),
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  )

const callerGone: Decision = { level: "Info", message: "attempt given back, for its caller had gone" }
const reportRefused: Decision = { level: "Info", message: "report refused, for the attempt was over" }

/** Logs that a job could not be delivered. */
export const logUndelivered = (job: ChangedJob): Effect.Effect<void> => write(callerGone, namesOf(job))

/** Logs that a report came too late for its attempt, which had ended otherwise. */
export const logRefusal = (
  { group, id }: Pick<ChangedJob, "id" | "group">,
  attempt: NonNullable<ChangedJob["attempt"]>
): Effect.Effect<void> => write(reportRefused, namesOf({ id, group, attempt }))

/** Logs what happens on this server. A line below the level in force costs no more than finding that out. */
export const layer = Layer.effectDiscard(
  Effect.gen(function* () {
    const hub = yield* EventHub
    const context = yield* Effect.context()
    const run = Effect.runForkWith(context)
    const lowest = Context.get(context, References.MinimumLogLevel)
    yield* hub.listen((jobs, happening) => {
      const lines = jobs.flatMap((job) => {
        const decision = decisionOf(happening, job)
        return LogLevel.isGreaterThanOrEqualTo(decision.level, lowest)
          ? [write(decision, fieldsOf(happening, job))]
          : []
      })
      if (lines.length > 0) run(Effect.all(lines, { discard: true }))
    })
  })
)
