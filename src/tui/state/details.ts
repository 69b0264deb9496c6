/** All that is said of a job above its log, in lines. */

import { describeError } from "../../text/describe.ts"
import type { Attempt } from "../../domain/attempts/Attempt.ts"
import { formatDuration } from "../../domain/Duration.ts"
import { isFinished, type Job } from "../../domain/jobs/Job.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { formatBar, formatTime, millisOf } from "../look/format.ts"
import { formatAge, formatLength, formatUntil } from "../../text/spans.ts"
import { type Look, type Tone, toneOfStatus } from "../look/Look.ts"
import { printable } from "../look/text.ts"
import { besideLabel, columnsOfLine, fact, joined, labelled, type Line } from "./lines.ts"
import type { Page } from "./Data.ts"

type JobPage = Extract<Page, { readonly kind: "job" }>

const jsonText = (value: JsonValue): string => JSON.stringify(value)

const statusLine = (job: Job, attempts: ReadonlyArray<Attempt>, now: number, look: Look): Line => {
  // A job began with its first attempt; how long it is at it now is told by the one that runs.
  const running = job.status === "processing" ? attempts.find(({ endedAt }) => endedAt === null) : undefined
  const startedAt = running?.startedAt ?? job.startedAt
  const started = startedAt === null ? null : millisOf(startedAt)
  const ended = job.finishedAt === null ? null : millisOf(job.finishedAt)
  const due = millisOf(job.runAt)
  const took = started === null ? "" : formatLength((ended ?? now) - started)
  const about = {
    scheduled: `due ${formatUntil(due, now)}`,
    pending: `waiting for ${formatAge(due, now)}`,
    processing: `for ${took}${job.assignee === null ? "" : ` by ${job.assignee}`}`,
    done: `after ${took}${job.assignee === null ? "" : ` by ${job.assignee}`}`,
    failed: started === null ? "" : `after ${took}`,
    cancelled: ended === null ? "" : `${formatAge(ended, now)} ago`
  }[job.status]
  return labelled(
    "status",
    { text: `${look.glyphs.status[job.status]} ${job.status}`, tone: toneOfStatus[job.status] },
    { text: about === "" ? "" : ` ${about}` }
  )
}

const progressLines = (job: Job, columns: number, look: Look): ReadonlyArray<Line> => {
  const percent = job.progress?.percent ?? null
  const message = printable(job.progress?.message ?? "", look)
  if (percent === null) return fact("progress", message, columns, look)
  const bar = Math.max(8, Math.min(40, besideLabel(columns) - 6))
  const first = labelled(
    "progress",
    { text: formatBar(percent, bar, look), tone: toneOfStatus[job.status] },
    { text: ` ${Math.round(percent)}%` }
  )
  return [first, ...fact("", message, columns, look)]
}

const outcomeTones: Readonly<Record<string, Tone>> = {
  done: "good",
  failed: "bad",
  lost: "bad",
  "timed-out": "bad",
  cancelled: "warn",
  released: "warn"
}

const attemptLine = (attempt: Attempt, now: number, columns: number, look: Look): Line => {
  const { endedAt, leaseExpiresAt, number, outcome, score, startedAt, worker } = attempt
  const started = millisOf(startedAt)
  const left = millisOf(leaseExpiresAt) - now
  const ran = formatLength((endedAt === null ? now : millisOf(endedAt)) - started)
  const isRunning = endedAt === null
  const lease = left > 0 ? `lease ends in ${formatAge(0, left)}` : "lease is over"
  const parts: Line = [
    { text: `  #${number} `.padEnd(6), tone: "quiet" },
    { text: `${formatTime(started, now)}  ` },
    {
      text: `${outcome ?? "running"} `.padEnd(11),
      tone: isRunning ? "busy" : (outcomeTones[outcome ?? ""] ?? "plain")
    },
    { text: `${ran.padEnd(8)} ${worker}` },
    { text: score === null || columns < 80 ? "" : `  suited ${score.toFixed(2)}`, tone: "quiet" }
  ]
  const used = columnsOfLine(parts)
  const more = isRunning ? lease : printable(describeError(attempt.error), look)
  if (more === "" || columns - used < 12)
    return isRunning && columns - used < 12 ? [...parts.slice(0, -1), { text: lease }] : parts
  return [...parts, { text: `  ${more}`, tone: isRunning ? (left > 5_000 ? "quiet" : "warn") : "bad" }]
}

const constraintText = ({ constraints }: Job): string =>
  constraints
    .map(({ op, skill, value, weight }) => {
      const demand = `${skill} ${op}${value === undefined ? "" : ` ${jsonText(value)}`}`
      return weight === undefined ? demand : `${demand} (a wish)`
    })
    .join(", ")

/** All that is known of a job, the most important first. */
export const detailLines = (page: JobPage, now: number, columns: number, look: Look): ReadonlyArray<Line> => {
  const { attempts, explanation, job } = page
  if (job === null) return [[{ text: "Reading the job", tone: "quiet" }]]
  const error = job.error === null ? "" : describeError(job.error)
  const origin = joined(
    look,
    `created ${formatTime(millisOf(job.createdAt), now)}`,
    job.createdBy !== null && `by ${job.createdBy}`,
    job.schedule !== null && `schedule ${job.schedule}`
  )
  const rules = joined(
    look,
    `priority ${job.priority}`,
    `try ${job.attempts} of ${job.maxAttempts}`,
    job.losses > 0 && (job.losses === 1 ? "lost once" : `lost ${job.losses} times`),
    `lease ${formatDuration(job.lease)}`,
    `at most ${formatDuration(job.maxRun)}`,
    job.expiresAt !== null &&
      !isFinished(job.status) &&
      `expires ${formatUntil(millisOf(job.expiresAt), now)}`
  )
  const lines = [
    statusLine(job, attempts, now, look),
    ...progressLines(job, columns, look),
    ...fact("error", error, columns, look, "bad"),
    ...(explanation === null
      ? []
      : [
          ...fact("why", explanation.summary, columns, look, "strong"),
          // The summary is the first reason.
          ...explanation.reasons.slice(1).flatMap(({ sentence }) => fact("", sentence, columns, look))
        ]),
    ...fact("type", job.type, columns, look),
    ...fact("id", job.id, columns, look),
    ...fact("parameters", jsonText(job.parameters), columns, look),
    ...fact("result", job.result === null ? "" : jsonText(job.result), columns, look, "good"),
    ...fact("constraints", constraintText(job), columns, look),
    ...fact("rules", rules, columns, look),
    ...fact("origin", origin, columns, look),
    ...fact("tags", job.tags.join(", "), columns, look),
    ...fact("fairness", job.fairnessKey ?? "", columns, look),
    ...fact("project", job.project ?? "", columns, look)
  ]
  return attempts.length === 0
    ? lines
    : [
        ...lines,
        [{ text: "attempts", tone: "quiet" }],
        ...attempts.map((attempt) => attemptLine(attempt, now, columns, look))
      ]
}
