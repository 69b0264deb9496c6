/** Which events tell what has happened to a job: pure decisions. */
import { Duration, Predicate } from "effect"
import { tellConstraint } from "../explaining/Ability.ts"
import type { ChangedAttempt } from "../attempts/Attempt.ts"
import { type NewEvent, shorten } from "./BossEvent.ts"
import { formatDuration } from "../Duration.ts"
import type { Circumstances, JobChange } from "../jobs/JobChange.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import type { JsonValue } from "../Json.ts"
import { formatTime } from "../RecentTimes.ts"

type TheAttempt = typeof ChangedAttempt.Type

/** The message of an error, or the error as JSON, shortened; null for none. */
export const inShort = (error: JsonValue): string | null => {
  if (error === null) return null
  if (Predicate.isString(error)) return shorten(error)
  return Predicate.hasProperty(error, "message") && Predicate.isString(error.message)
    ? shorten(error.message)
    : shorten(JSON.stringify(error))
}

const ofJob = ({ group, id, project }: Pick<ChangedJob, "id" | "group" | "project">) => ({
  job: id,
  type: group.type,
  project
})

/** Whose attempt at what an event is about. */
export const ofAttempt = (
  job: Pick<ChangedJob, "id" | "group" | "project">,
  { id, number, worker }: Pick<TheAttempt, "id" | "number" | "worker">
) => ({ ...ofJob(job), worker, attempt: id, attemptNumber: number })

const ofJobAlone = (job: ChangedJob) => ({
  ...ofJob(job),
  worker: null,
  attempt: null,
  attemptNumber: null
})

const nobody: Circumstances = { by: null, error: null }

/** The last attempt, if it was this change of its job that ended it; null if the job was waiting or the attempt goes on. */
export const endedWith = ({ attempt, version }: ChangedJob): TheAttempt | null =>
  attempt?.endedVersion === version ? attempt : null

const cancelled = (job: ChangedJob, attempt: TheAttempt | null): NewEvent => {
  const { by = null, reason = null } = job.cancelRequest ?? {}
  return {
    event: "job.cancelled",
    ...(attempt === null ? ofJobAlone(job) : ofAttempt(job, attempt)),
    reason: reason === null ? null : shorten(reason),
    by
  }
}

const nextRunAt = ({ runAt }: ChangedJob) => formatTime(runAt)

/** What the end of an attempt means for the job. A job that was handed back is as it was, and there is nothing to tell. */
const followingEnd = (
  job: ChangedJob,
  attempt: TheAttempt,
  reason: string | null
): ReadonlyArray<NewEvent> => {
  const whose = ofAttempt(job, attempt)
  switch (job.status) {
    case "done":
      return [{ event: "job.done", ...whose }]
    case "failed":
      return [{ event: "job.failed", ...whose, reason }]
    case "cancelled":
      return [cancelled(job, attempt)]
    default:
      return attempt.outcome === "released"
        ? []
        : [{ event: "job.retrying", ...whose, nextRunAt: nextRunAt(job), reason, by: null }]
  }
}

const attemptEnded = (job: ChangedJob, { error }: Circumstances): ReadonlyArray<NewEvent> => {
  const { attempt } = job
  if (attempt === null) return []
  const reason = inShort(error)
  const whose = ofAttempt(job, attempt)
  const following = followingEnd(job, attempt, reason)
  switch (attempt.outcome) {
    case "lost":
      return [{ event: "attempt.lost", ...whose, reason }, ...following]
    case "timed-out":
      return [{ event: "attempt.timed-out", ...whose, reason }, ...following]
    case "released":
      return [{ event: "attempt.released", ...whose, reason }, ...following]
    default:
      return following
  }
}

const expired = (job: ChangedJob): ReadonlyArray<NewEvent> => {
  const reason = "expired"
  const attempt = endedWith(job)
  if (attempt === null) return [{ event: "job.failed", ...ofJobAlone(job), reason }]
  const whose = ofAttempt(job, attempt)
  return [
    { event: "attempt.timed-out", ...whose, reason },
    { event: "job.failed", ...whose, reason }
  ]
}

/** At most this many constraints are named in an event. */
const mostConstraints = 8

const relaxed = (job: ChangedJob, after: Duration.Duration | undefined): ReadonlyArray<NewEvent> => {
  if (after === undefined) return []
  const millis = Duration.toMillis(after)
  const constraints = job.group.constraints
    .filter(({ relaxAfter }) => relaxAfter === millis)
    .slice(0, mostConstraints)
    .map(tellConstraint)
  const wait = { runAt: nextRunAt(job), after: formatDuration(after) }
  return [{ event: "job.relaxed", ...ofJob(job), ...wait, constraints }]
}

/** The events that tell what has happened to this job, in their order. */
export const eventsOf = (
  change: JobChange,
  job: ChangedJob,
  circumstances: Circumstances = nobody
): ReadonlyArray<NewEvent> => {
  const { attempt } = job
  switch (change) {
    case "created":
      return [{ event: "job.created", ...ofJob(job), runAt: nextRunAt(job) }]
    case "promoted":
    case "amended":
      return []
    case "assigned":
      return attempt === null ? [] : [{ event: "job.assigned", ...ofAttempt(job, attempt) }]
    case "started":
      return attempt === null ? [] : [{ event: "job.started", ...ofAttempt(job, attempt) }]
    case "ended":
      return attemptEnded(job, circumstances)
    case "cancelled":
      return job.status === "cancelled" ? [cancelled(job, null)] : []
    case "retried": {
      const { by } = circumstances
      return [{ event: "job.retrying", ...ofJobAlone(job), nextRunAt: nextRunAt(job), reason: null, by }]
    }
    case "expired":
      return expired(job)
    case "unclaimed": {
      const { takers } = circumstances
      if (takers === undefined) return []
      return [{ event: "job.unclaimed", ...ofJob(job), runAt: nextRunAt(job), ...takers }]
    }
    case "relaxed":
      return relaxed(job, circumstances.relaxedAfter)
  }
}
