/**
 * Which events the feed must tell of a change in the store, by what the documents say of them: derived anew, so that it is
 * not the domain that says whether the domain is right.
 */
import { DateTime, Schema } from "effect"
import type { AttemptRecord } from "../../../../src/domain/attempts/Attempt.ts"
import type { ProjectId } from "../../../../src/domain/Identifiers.ts"
import { isFinished, type JobRecord } from "../../../../src/domain/jobs/Job.ts"
import { type Change, givenBy, type KeptProject } from "../../facts/StoreWatch.ts"

/** What an event says beside its name, as far as the store says it too. */
const Said = Schema.Struct({
  job: Schema.optionalKey(Schema.NullOr(Schema.String)),
  type: Schema.optionalKey(Schema.NullOr(Schema.String)),
  project: Schema.optionalKey(Schema.NullOr(Schema.String)),
  schedule: Schema.optionalKey(Schema.NullOr(Schema.String)),
  worker: Schema.optionalKey(Schema.NullOr(Schema.String)),
  attempt: Schema.optionalKey(Schema.NullOr(Schema.String)),
  attemptNumber: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  runAt: Schema.optionalKey(Schema.NullOr(Schema.String)),
  nextRunAt: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export type Said = typeof Said.Type

const decode = Schema.decodeSync(Schema.fromJsonString(Said))

/** The names of the events that are derived here. */
const derived = new Set([
  ...[
    "job.created",
    "job.assigned",
    "job.started",
    "job.retrying",
    "job.done",
    "job.failed",
    "job.cancelled"
  ],
  ...["attempt.lost", "attempt.timed-out", "attempt.released", "schedule.fired", "project.finished"]
])

/** Tells events apart. */
export const keyOf = (event: string, said: Said): string => {
  const { attempt, attemptNumber, job, nextRunAt, project, runAt, schedule, type, worker } = said
  const of = { job, type, project, schedule, worker, attempt, attemptNumber, runAt, nextRunAt }
  const parts = Object.entries(of).flatMap(([name, value]) => (value == null ? [] : [`${name} ${value}`]))
  return [event, ...parts].join(", ")
}

/** What an item of the feed says. */
export const readItem = (data: string): Said => decode(data)

/** The key of an item of the feed; null if it is none of the events that are derived here. */
export const keyOfItem = ({ data, name }: { readonly name: string; readonly data: string }): string | null =>
  derived.has(name) ? keyOf(name, readItem(data)) : null

const ofJob = ({ group, id, project }: JobRecord): Said => ({ job: id, type: group.type, project })

const ofAttempt = (job: JobRecord, { id, number, worker }: AttemptRecord): Said => ({
  ...ofJob(job),
  worker,
  attempt: id,
  attemptNumber: number
})

const written = (time: DateTime.Utc): string => DateTime.formatIso(time)

const ofCreation = (job: JobRecord): ReadonlyArray<string> => [
  keyOf("job.created", { ...ofJob(job), runAt: written(job.runAt) }),
  ...(job.schedule === null ? [] : [keyOf("schedule.fired", { ...ofJob(job), schedule: job.schedule })])
]

/** How an attempt ended, where that is more than what it means for the job. */
const endings: Partial<Record<string, string>> = {
  lost: "attempt.lost",
  "timed-out": "attempt.timed-out",
  released: "attempt.released"
}

/** What the end of an attempt means for its job: one that was handed back is as it was. */
const following = (job: JobRecord, said: Said, outcome: AttemptRecord["outcome"]): ReadonlyArray<string> => {
  if (isFinished(job.status)) return [keyOf(`job.${job.status}`, said)]
  return outcome === "released" ? [] : [keyOf("job.retrying", { ...said, nextRunAt: written(job.runAt) })]
}

const ofEnd = (job: JobRecord, attempt: AttemptRecord): ReadonlyArray<string> => {
  const said = ofAttempt(job, attempt)
  const ending = endings[attempt.outcome ?? ""]
  return [...(ending === undefined ? [] : [keyOf(ending, said)]), ...following(job, said, attempt.outcome)]
}

/** The keys of the events that tell of a change of a job. */
export const eventsOfChange = (change: Change): ReadonlyArray<string> => {
  const { after, before } = change
  if (after === null) return []
  const { job } = after
  const { attempt } = job
  if (before === null) return ofCreation(job)
  const was = before.job
  const given = givenBy(change)
  if (given !== null) return [keyOf("job.assigned", ofAttempt(given, given.attempt))]
  if (was.status === "processing" && attempt !== null) {
    if (job.status !== "processing") return ofEnd(job, attempt)
    return was.attempt?.firstSignAt === null && attempt.firstSignAt !== null
      ? [keyOf("job.started", ofAttempt(job, attempt))]
      : []
  }
  // Of a job that waits, no attempt is told.
  if (!isFinished(was.status) && isFinished(job.status)) return [keyOf(`job.${job.status}`, ofJob(job))]
  return isFinished(was.status) && !isFinished(job.status)
    ? [keyOf("job.retrying", { ...ofJob(job), nextRunAt: written(job.runAt) })]
    : []
}

/** The keys of the events that tell of a change of a project. */
export const eventsOfProject = (
  project: ProjectId,
  before: KeptProject | null,
  after: KeptProject | null
): ReadonlyArray<string> =>
  after?.record.finishedAt != null && before?.record.finishedAt == null
    ? [keyOf("project.finished", { project })]
    : []
