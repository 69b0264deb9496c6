/** The table of a worker's attempts: those that it holds, then those of the jobs that it had when they ended. */
import { isFinished, type Job } from "../../domain/jobs/Job.ts"
import type { RunningAttempt } from "../../domain/workers/Worker.ts"
import { formatAge, formatLength, formatUntil } from "../../text/spans.ts"
import { formatTime, millisOf } from "../look/format.ts"
import type { Look } from "../look/Look.ts"
import { aboutJob, progressField, statusField, subjectOfJob } from "./jobs.ts"
import { type Field, lengthColumns, type Row, type Table, untilColumns } from "./Table.ts"

export const attemptsTable: Table = {
  columns: [
    { name: "status", title: "STATUS", least: 12, most: 12, worth: 20 },
    { name: "type", title: "TYPE", least: 10, most: 40, worth: 19 },
    { name: "id", title: "JOB", least: 9, most: 13, worth: 18, keep: "end" },
    { name: "began", title: "BEGAN", least: 8, most: 15, worth: 12, align: "right" },
    { name: "time", title: "TIME", least: lengthColumns, most: 9, worth: 17, align: "right" },
    { name: "lease", title: "LEASE", least: untilColumns, most: untilColumns, worth: 16, align: "right" },
    { name: "progress", title: "DONE", least: 5, most: 6, worth: 13, align: "right" },
    { name: "about", title: "ABOUT", least: 16, most: 200, worth: 11 }
  ],
  nothing: "It has no job, and none that it had is kept."
}

const none: Field = { text: "-", order: -1, tone: "quiet" }

const timesOf = (
  began: number | null,
  ended: number | null,
  now: number
): Record<"began" | "time", Field> => ({
  began: began === null ? none : { text: formatTime(began, now), order: began, tone: "quiet" },
  time:
    began === null
      ? none
      : {
          text: ended === null ? formatAge(began, now) : formatLength(ended - began),
          order: (ended ?? now) - began
        }
})

const heldRow = (
  { attempt, job: id, leaseExpiresAt, startedAt, type }: RunningAttempt,
  job: Job | undefined,
  now: number,
  { glyphs }: Look
): Row => {
  const expires = millisOf(leaseExpiresAt)
  return {
    key: attempt,
    subject:
      job === undefined ? { kind: "job", id, type, status: "processing", priority: null } : subjectOfJob(job),
    fields: {
      status: { text: `${glyphs.status.processing} running`, value: "running", tone: "busy" },
      type: { text: type },
      id: { text: id, tone: "quiet" },
      ...timesOf(millisOf(startedAt), null, now),
      lease: {
        text: formatUntil(expires, now),
        order: expires,
        tone: expires - now < 5_000 ? "warn" : "plain"
      },
      progress: job === undefined ? none : progressField(job),
      about: { text: job === undefined ? "" : aboutJob(job) }
    }
  }
}

const endedRow = (job: Job, now: number, look: Look): Row => ({
  key: job.id,
  subject: subjectOfJob(job),
  fields: {
    status: statusField(job, look),
    type: { text: job.type },
    id: { text: job.id, tone: "quiet" },
    ...timesOf(
      job.startedAt === null ? null : millisOf(job.startedAt),
      job.finishedAt === null ? null : millisOf(job.finishedAt),
      now
    ),
    lease: none,
    progress: progressField(job),
    about: { text: aboutJob(job), tone: job.error === null ? "plain" : "bad" }
  }
})

/** The attempts of a worker that holds these, and that the jobs name as theirs. */
export const attemptRows = (
  held: ReadonlyArray<RunningAttempt>,
  jobs: ReadonlyArray<Job>,
  now: number,
  look: Look
): ReadonlyArray<Row> => [
  ...held.map((attempt) =>
    heldRow(
      attempt,
      jobs.find(({ id }) => id === attempt.job),
      now,
      look
    )
  ),
  ...jobs.filter(({ status }) => isFinished(status)).map((job) => endedRow(job, now, look))
]
