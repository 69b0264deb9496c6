/** The table of alerts: what has happened that somebody should look at, and which workers are quarantined. */
import type { Worker } from "../../domain/workers/Worker.ts"
import { formatCount, formatTime, millisOf } from "../look/format.ts"
import { formatUntil } from "../../text/spans.ts"
import type { Look } from "../look/Look.ts"
import { cut } from "../look/text.ts"
import type { Alert } from "../state/Data.ts"
import type { Row, Subject, Table } from "./Table.ts"

export const alertsTable: Table = {
  columns: [
    { name: "alert", title: "ALERT", least: 13, most: 13, worth: 10 },
    { name: "time", title: "LAST", least: 8, most: 15, worth: 8 },
    { name: "about", title: "ABOUT", least: 12, most: 300, worth: 9 }
  ],
  nothing: "None: every job is claimed, and no worker is quarantined or lost."
}

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${formatCount(count)} ${many}`

// Long names are not to push aside what is said of them.
const nameColumns = 32

const aboutOf = ({ event, jobs, kind }: Alert, look: Look): string => {
  const type = cut(("type" in event ? event.type : undefined) ?? "", nameColumns, look)
  if (kind === "unclaimed") {
    const why = event.event === "job.unclaimed" && event.reason !== null ? `: ${event.reason}` : ""
    return `no worker claims ${counted(jobs.size, "job", "jobs")} of ${type}${why}`
  }
  const worker = cut(("worker" in event ? event.worker : null) ?? "", nameColumns, look)
  return `${worker} was lost with ${counted(jobs.size, "job", "jobs")}, of ${type} for one`
}

const subjectOf = ({ event, jobs, kind }: Alert): Subject | null => {
  const [job] = jobs
  if (!("job" in event) || job === undefined) return null
  if (kind === "unclaimed" && jobs.size > 1) return { kind: "type", type: event.type, isPaused: false }
  if (kind === "lost" && "worker" in event && event.worker !== null) {
    return { kind: "worker", name: event.worker, state: null }
  }
  return { kind: "job", id: job, type: event.type, status: null, priority: null }
}

const happened = (alert: Alert, now: number, look: Look): Row => ({
  key: alert.key,
  subject: subjectOf(alert),
  fields: {
    alert: {
      text: `${look.glyphs.alert} ${alert.kind}`,
      value: alert.kind,
      tone: alert.kind === "lost" ? "bad" : "warn"
    },
    time: { text: formatTime(alert.at, now), order: alert.at, tone: "quiet" },
    about: { text: aboutOf(alert, look) }
  }
})

const quarantined = (worker: Worker, now: number, look: Look): ReadonlyArray<Row> =>
  worker.quarantines.map(({ type, until }) => ({
    key: `quarantined ${worker.name} ${type}`,
    subject: { kind: "worker", name: worker.name, state: worker.state },
    fields: {
      alert: { text: `${look.glyphs.alert} quarantine`, value: "quarantine", tone: "bad" },
      time: { text: "now", order: now, tone: "quiet" },
      about: {
        text: `${cut(worker.name, nameColumns, look)} gets no ${cut(type, nameColumns, look)}; that ends ${formatUntil(millisOf(until), now)}`
      }
    }
  }))

/** Quarantines first, then what happened, the last of it first. */
export const alertRows = (
  alerts: ReadonlyArray<Alert>,
  workers: ReadonlyArray<Worker>,
  now: number,
  look: Look
): ReadonlyArray<Row> => [
  ...workers.flatMap((worker) => quarantined(worker, now, look)),
  ...alerts.map((alert) => happened(alert, now, look)).toReversed()
]
