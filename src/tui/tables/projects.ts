/** The tables of projects and of schedules, which share a view. */
import type { StatusCounts } from "../../domain/stats/Flow.ts"
import type { Project, ProjectStanding } from "../../domain/projects/Project.ts"
import type { Schedule } from "../../domain/schedules/Schedule.ts"
import { formatBar, formatCount, millisOf } from "../look/format.ts"
import { formatAge, formatUntil } from "../../text/spans.ts"
import type { Look, Tone } from "../look/Look.ts"
import { lengthColumns, type Row, type Table, untilColumns } from "./Table.ts"

const barColumns = 16

const countedJobs = (counts: StatusCounts): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

export const projectsTable: Table = {
  columns: [
    { name: "status", title: "STATUS", least: 9, most: 11, worth: 20 },
    { name: "bar", title: "PROGRESS", least: barColumns, most: barColumns, worth: 14 },
    { name: "percent", title: "", least: 4, most: 4, worth: 18, align: "right" },
    { name: "jobs", title: "JOBS", least: 9, most: 17, worth: 16, align: "right" },
    { name: "failed", title: "FAILED", least: 6, most: 9, worth: 15, align: "right" },
    { name: "age", title: "AGE", least: lengthColumns, most: 8, worth: 12, align: "right" },
    { name: "name", title: "PROJECT", least: 12, most: 255, worth: 19 }
  ],
  nothing: "No projects: POST /projects makes one."
}

const tones: Readonly<Record<Project["status"], Tone>> = {
  open: "busy",
  closed: "waiting",
  finished: "good",
  cancelled: "warn"
}

const projectRow = (
  project: Project,
  standing: ProjectStanding | undefined,
  now: number,
  look: Look
): Row => {
  const created = millisOf(project.createdAt)
  const failed = standing?.counts.failed ?? 0
  return {
    key: project.id,
    subject: { kind: "project", id: project.id, name: project.name, status: project.status },
    fields: {
      status: { text: project.status, tone: tones[project.status] },
      bar: {
        text: standing === undefined ? "" : formatBar(standing.percent, barColumns, look),
        tone: tones[project.status]
      },
      percent: { text: standing === undefined ? "" : `${standing.percent}%`, order: standing?.percent ?? -1 },
      jobs:
        standing === undefined
          ? { text: "", order: -1 }
          : {
              text: `${formatCount(standing.counts.done)}/${formatCount(countedJobs(standing.counts))}`,
              order: countedJobs(standing.counts)
            },
      failed: {
        text: standing === undefined ? "" : formatCount(failed),
        order: failed,
        tone: failed > 0 ? "bad" : "quiet"
      },
      age: { text: formatAge(created, now), order: now - created },
      name: { text: project.name },
      id: { text: project.id }
    }
  }
}

export const projectRows = (
  projects: ReadonlyArray<Project>,
  standings: ReadonlyMap<string, ProjectStanding>,
  now: number,
  look: Look
): ReadonlyArray<Row> => projects.map((project) => projectRow(project, standings.get(project.id), now, look))

export const schedulesTable: Table = {
  columns: [
    { name: "state", title: "STATE", least: 8, most: 10, worth: 18 },
    { name: "name", title: "SCHEDULE", least: 12, most: 40, worth: 20 },
    { name: "next", title: "NEXT", least: untilColumns, most: 12, worth: 19, align: "right" },
    { name: "cron", title: "CRON", least: 11, most: 40, worth: 16 },
    { name: "zone", title: "TIME ZONE", least: 6, most: 32, worth: 12 },
    { name: "last", title: "LAST", least: lengthColumns, most: 9, worth: 14, align: "right" },
    { name: "type", title: "TYPE", least: 10, most: 60, worth: 15 }
  ],
  nothing: "No schedules: PUT /schedules/NAME makes one."
}

const scheduleRow = (schedule: Schedule, now: number, { glyphs }: Look): Row => {
  const { cron, job, lastTick, name, nextTicks, paused, timeZone } = schedule
  const [next] = nextTicks
  const due = next === undefined ? null : millisOf(next)
  const last = lastTick === null ? null : millisOf(lastTick)
  return {
    key: name,
    subject: { kind: "schedule", name, type: job.type, isPaused: paused },
    fields: {
      state: paused
        ? { text: `${glyphs.off} paused`, value: "paused", tone: "warn" }
        : { text: `${glyphs.on} active`, value: "active", tone: "good" },
      name: { text: name },
      next:
        due === null
          ? { text: "never", order: Infinity, tone: "quiet" }
          : { text: formatUntil(due, now), order: due },
      cron: { text: cron },
      zone: { text: timeZone, tone: "quiet" },
      last:
        last === null
          ? { text: "never", order: -1, tone: "quiet" }
          : { text: formatAge(last, now), order: last },
      type: { text: job.type }
    }
  }
}

export const scheduleRows = (
  schedules: ReadonlyArray<Schedule>,
  now: number,
  look: Look
): ReadonlyArray<Row> => schedules.map((schedule) => scheduleRow(schedule, now, look))
