/** Jobs as people read them. */
import { DateTime, Effect, Schema } from "effect"
import { Explanation } from "../../domain/explaining/Explanation.ts"
import { isFinished, Job, type JobStatus } from "../../domain/jobs/Job.ts"
import { formatDuration } from "../../domain/Duration.ts"
import { describeError } from "../../text/describe.ts"
import { formatLength } from "../../text/spans.ts"
import { writeFields, writeJson, writeRaw, writeTable } from "../output/output.ts"
import { describeMoment } from "../output/spans.ts"
import type { Cell, Tone } from "../output/table.ts"
import { CommandError } from "../CommandError.ts"

const encode = Schema.encodeSync(Job)

const tones: Readonly<Record<JobStatus, Tone>> = {
  scheduled: "quiet",
  pending: "quiet",
  processing: "busy",
  done: "good",
  failed: "bad",
  cancelled: "bad"
}

/** The status as a word of its own colour. */
export const statusCell = (status: JobStatus): Cell => ({ text: status, tone: tones[status] })

const describeProgress = ({ progress }: Job): string => {
  if (progress === null) return ""
  const percent = progress.percent === null ? "" : `${Math.round(progress.percent)}%`
  return [percent, progress.message ?? ""].filter((part) => part !== "").join(" ")
}

const describeTime = ({ finishedAt, runAt, startedAt, status }: Job, now: DateTime.Utc): string => {
  if (status === "scheduled") return describeMoment(runAt, now)
  return describeMoment(finishedAt ?? startedAt ?? runAt, now)
}

/** A table of jobs, or all of them as JSON. */
export const writeJobs = (jobs: ReadonlyArray<Job>, asJson: boolean) =>
  asJson
    ? writeJson(jobs.map((job) => encode(job)))
    : Effect.flatMap(DateTime.now, (now) =>
        writeTable<Job>(
          [
            { title: "ID", cell: ({ id }) => id },
            { title: "TYPE", cell: ({ type }) => type, mayShrink: true },
            { title: "STATUS", cell: ({ status }) => statusCell(status) },
            { title: "WHEN", cell: (job) => describeTime(job, now) },
            {
              title: "ATTEMPTS",
              cell: ({ attempts, maxAttempts }) => `${attempts}/${maxAttempts}`,
              isNumber: true
            },
            { title: "WORKER", cell: ({ assignee }) => assignee ?? "", mayShrink: true },
            {
              title: "PROGRESS",
              cell: (job) => (job.error === null ? describeProgress(job) : describeError(job.error)),
              mayShrink: true
            }
          ],
          jobs,
          "there are no such jobs"
        )
      )

// One that waits to be tried again does not run on.
const runTime = ({ finishedAt, startedAt, status }: Job, now: DateTime.Utc): string | null =>
  startedAt === null || status === "scheduled" || status === "pending"
    ? null
    : formatLength(DateTime.toEpochMillis(finishedAt ?? now) - DateTime.toEpochMillis(startedAt))

/** All that is known of a job. */
export const writeJob = (job: Job, asJson: boolean) =>
  asJson
    ? writeJson(encode(job))
    : Effect.flatMap(DateTime.now, (now) =>
        writeFields([
          ["id", job.id],
          ["type", job.type],
          ["status", statusCell(job.status)],
          ["progress", describeProgress(job) || null],
          ["worker", job.assignee],
          [
            "attempts",
            `${job.attempts} of ${job.maxAttempts}${job.losses > 0 ? `, ${job.losses} lost` : ""}`
          ],
          [
            "created",
            `${describeMoment(job.createdAt, now)}${job.createdBy === null ? "" : ` by ${job.createdBy}`}`
          ],
          [
            "due",
            job.status === "scheduled" || job.status === "pending" ? describeMoment(job.runAt, now) : null
          ],
          ["ran", runTime(job, now)],
          ["finished", job.finishedAt === null ? null : describeMoment(job.finishedAt, now)],
          [
            "expires",
            job.expiresAt === null || isFinished(job.status) ? null : describeMoment(job.expiresAt, now)
          ],
          ["priority", String(job.priority)],
          ["tags", job.tags.length === 0 ? null : job.tags.join(", ")],
          ["project", job.project],
          ["schedule", job.schedule],
          ["fairness key", job.fairnessKey],
          ["constraints", job.constraints.length === 0 ? null : JSON.stringify(job.constraints)],
          ["lease", formatDuration(job.lease)],
          ["max run", formatDuration(job.maxRun)],
          ["parameters", job.parameters === null ? null : JSON.stringify(job.parameters)],
          ["result", job.status === "done" ? JSON.stringify(job.result) : null],
          ["error", job.error === null ? null : { text: describeError(job.error), tone: "bad" }]
        ])
      )

/** Fails if the job that was waited for did. */
export const mustBeDone = ({ error, id, status }: Pick<Job, "id" | "status" | "error">) => {
  if (status !== "failed" && status !== "cancelled") return Effect.void
  const end = status === "failed" ? "failed" : "was cancelled"
  const why = describeError(error)
  return Effect.fail(
    new CommandError({ kind: "jobFailed", message: `job ${id} ${end}${why === "" ? "" : `: ${why}`}` })
  )
}

const encodeExplanation = Schema.encodeSync(Explanation)

/** Why a job is where it is: a sentence for each reason, or all of it as JSON. */
export const writeExplanation = (explanation: Explanation, asJson: boolean) =>
  asJson
    ? writeJson(encodeExplanation(explanation))
    : writeRaw(`${explanation.reasons.map(({ sentence }) => sentence).join("\n")}\n`)
