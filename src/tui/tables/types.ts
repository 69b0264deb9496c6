/** The table of job types: how it stands with each. */
import type { TypeStats } from "../../domain/stats/StatsSnapshot.ts"
import { formatCount, formatRate, formatShare, millisOf } from "../look/format.ts"
import { formatAge } from "../../text/spans.ts"
import { countColumn, countField, type Field, lengthColumns, type Row, type Table } from "./Table.ts"

export const typesTable: Table = {
  columns: [
    { name: "type", title: "TYPE", least: 12, most: 60, worth: 20 },
    { name: "state", title: "STATE", least: 8, most: 10, worth: 12 },
    countColumn("pending", "PENDING", 19),
    countColumn("processing", "RUNNING", 18),
    countColumn("scheduled", "SCHED", 11),
    countColumn("done", "DONE", 10),
    countColumn("failed", "FAILED", 17),
    countColumn("cancelled", "CANCELLED", 4),
    { name: "in", title: "IN/s", least: 6, most: 8, worth: 9, align: "right" },
    { name: "out", title: "OUT/s", least: 6, most: 8, worth: 14, align: "right" },
    { name: "errors", title: "ERRORS", least: 6, most: 8, worth: 13, align: "right" },
    { name: "oldest", title: "OLDEST", least: lengthColumns, most: 8, worth: 15, align: "right" },
    { name: "limit", title: "LIMIT", least: 5, most: 9, worth: 5, align: "right" }
  ],
  nothing: "No jobs yet: POST /jobs makes one."
}

const rate = (value: number | undefined): Field => ({
  text: formatRate(value),
  order: value ?? -1,
  tone: value === undefined || value === 0 ? "quiet" : "plain"
})

const rowOf = (stats: TypeStats, now: number): Row => {
  const { concurrency, counts, failureRate, oldestPending, paused, rates, type } = stats
  const since = oldestPending === null ? null : millisOf(oldestPending)
  return {
    key: type,
    subject: { kind: "type", type, isPaused: paused },
    fields: {
      type: { text: type },
      state: paused ? { text: "paused", tone: "warn" } : { text: "active", tone: "quiet" },
      pending: countField(counts.pending, "waiting"),
      processing: countField(counts.processing, "busy"),
      scheduled: countField(counts.scheduled, "plain"),
      done: countField(counts.done, "good"),
      failed: countField(counts.failed, "bad"),
      cancelled: countField(counts.cancelled, "warn"),
      in: rate(rates?.created),
      out: rate(rates === null ? undefined : rates.done + rates.failed),
      errors: {
        text: formatShare(failureRate),
        order: failureRate ?? -1,
        tone: (failureRate ?? 0) > 0 ? "bad" : "quiet"
      },
      oldest:
        since === null
          ? { text: "-", order: -1, tone: "quiet" }
          : { text: formatAge(since, now), order: now - since },
      limit: {
        text: concurrency === null ? "-" : formatCount(concurrency),
        order: concurrency ?? -1,
        tone: "quiet"
      }
    }
  }
}

export const typeRows = (types: ReadonlyArray<TypeStats>, now: number): ReadonlyArray<Row> =>
  types.map((stats) => rowOf(stats, now))
