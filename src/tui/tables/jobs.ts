/** The table of jobs. */
import { describeError } from "../../text/describe.ts"
import { isFinished, type Job } from "../../domain/jobs/Job.ts"
import { millisOf } from "../look/format.ts"
import { formatAge, formatLength, formatUntil } from "../../text/spans.ts"
import { type Look, toneOfStatus } from "../look/Look.ts"
import { type Field, lengthColumns, type Row, type Subject, type Table, untilColumns } from "./Table.ts"

export const jobsTable: Table = {
  columns: [
    { name: "status", title: "STATUS", least: 12, most: 12, worth: 20 },
    { name: "type", title: "TYPE", least: 10, most: 40, worth: 19 },
    { name: "id", title: "ID", least: 9, most: 13, worth: 18, keep: "end" },
    { name: "priority", title: "PRIO", least: 5, most: 8, worth: 8, align: "right" },
    { name: "attempts", title: "TRIES", least: 6, most: 7, worth: 10, align: "right" },
    { name: "age", title: "AGE", least: lengthColumns, most: 8, worth: 15, align: "right" },
    { name: "time", title: "TIME", least: untilColumns, most: untilColumns, worth: 12, align: "right" },
    { name: "assignee", title: "WORKER", least: 10, most: 32, worth: 14 },
    { name: "progress", title: "DONE", least: 5, most: 6, worth: 13, align: "right" },
    { name: "about", title: "ABOUT", least: 16, most: 200, worth: 11 }
  ],
  nothing: "No jobs here."
}

export const subjectOfJob = ({ id, priority, status, type }: Job): Subject => ({
  kind: "job",
  id,
  type,
  status,
  priority
})

/** What is said of a job in a line. */
export const aboutJob = (job: Job): string => {
  if (job.error !== null) return describeError(job.error)
  return job.progress?.message ?? (job.tags.length > 0 ? job.tags.join(", ") : "")
}

/** The status of a job, by a sign and a word. */
export const statusField = ({ status }: Job, { glyphs }: Look): Field => ({
  text: `${glyphs.status[status]} ${status}`,
  value: status,
  tone: toneOfStatus[status]
})

/** How much of a job is done. */
export const progressField = ({ progress }: Job): Field => {
  const percent = progress?.percent ?? null
  return {
    text: percent === null ? "" : `${Math.round(percent)}%`,
    order: percent ?? -1,
    tone: "busy"
  }
}

// How long it has been running or took, or how long it is until it is due. One that waits again is not running on.
const timeOf = (
  { finishedAt, runAt, startedAt, status }: Job,
  now: number
): { text: string; order: number } => {
  if (status === "scheduled") {
    const due = millisOf(runAt)
    return { text: formatUntil(due, now), order: due - now }
  }
  if (startedAt === null || status === "pending") return { text: "-", order: -1 }
  const end = finishedAt === null ? now : millisOf(finishedAt)
  const length = Math.max(0, end - millisOf(startedAt))
  return { text: isFinished(status) ? formatLength(length) : formatAge(0, length), order: length }
}

const rowOf = (job: Job, now: number, look: Look): Row => {
  const created = millisOf(job.createdAt)
  return {
    key: job.id,
    subject: subjectOfJob(job),
    fields: {
      status: statusField(job, look),
      type: { text: job.type },
      id: { text: job.id, tone: "quiet" },
      priority: {
        text: String(job.priority),
        order: job.priority,
        tone: job.priority === 0 ? "quiet" : "strong"
      },
      attempts: {
        text: `${job.attempts}/${job.maxAttempts}`,
        order: job.attempts,
        tone: job.attempts > 1 ? "warn" : "quiet"
      },
      age: { text: formatAge(created, now), order: now - created },
      time: timeOf(job, now),
      assignee: { text: job.assignee ?? "-", tone: job.assignee === null ? "quiet" : "plain" },
      progress: progressField(job),
      about: { text: aboutJob(job), tone: job.error === null ? "plain" : "bad" },
      tag: { text: job.tags.join(" ") },
      project: { text: job.project ?? "" },
      schedule: { text: job.schedule ?? "" },
      createdby: { text: job.createdBy ?? "" }
    }
  }
}

export const jobRows = (jobs: ReadonlyArray<Job>, now: number, look: Look): ReadonlyArray<Row> =>
  jobs.map((job) => rowOf(job, now, look))
