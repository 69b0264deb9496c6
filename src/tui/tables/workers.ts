/** The table of workers. */
import { describeSkills } from "../../text/describe.ts"
import { Duration } from "effect"
import type { TypeRecord, Worker } from "../../domain/workers/Worker.ts"
import { millisOf } from "../look/format.ts"
import { formatAge, formatLength, formatUntil } from "../../text/spans.ts"
import type { Look, Tone } from "../look/Look.ts"
import {
  countColumn,
  countField,
  type Field,
  lengthColumns,
  type Row,
  type Subject,
  type Table
} from "./Table.ts"

export const workersTable: Table = {
  columns: [
    { name: "state", title: "STATE", least: 9, most: 13, worth: 20 },
    { name: "name", title: "WORKER", least: 12, most: 50, worth: 19 },
    countColumn("running", "RUNNING", 18),
    countColumn("done", "DONE", 14),
    countColumn("failed", "FAILED", 15),
    countColumn("lost", "LOST", 13),
    { name: "median", title: "TYPICAL", least: 7, most: 9, worth: 8, align: "right" },
    { name: "seen", title: "SEEN", least: lengthColumns, most: 8, worth: 16, align: "right" },
    { name: "types", title: "TYPES", least: 10, most: 40, worth: 10 },
    { name: "skills", title: "SKILLS", least: 12, most: 60, worth: 9 },
    { name: "note", title: "NOTE", least: 14, most: 120, worth: 11 }
  ],
  nothing: "No worker has called yet."
}

const signs: Readonly<Record<string, readonly ["on" | "off", Tone]>> = {
  working: ["on", "busy"],
  waiting: ["on", "good"],
  gone: ["off", "quiet"],
  paused: ["off", "warn"],
  banned: ["off", "bad"]
}

const stateOf = ({ present, running, state }: Worker): string => {
  if (state !== "active") return state
  if (!present) return "gone"
  return running.length > 0 ? "working" : "waiting"
}

const sum = (record: ReadonlyArray<TypeRecord>, of: "done" | "failed" | "lost"): number =>
  record.reduce((total, each) => total + each[of], 0)

const noteOf = ({ quarantines, reason }: Worker, now: number): string =>
  [
    ...(reason === null ? [] : [reason]),
    ...quarantines.map(
      ({ type, until }) => `quarantined from ${type}, lifted ${formatUntil(millisOf(until), now)}`
    )
  ].join("; ")

// That of the type it has done most of.
const medianOf = (record: ReadonlyArray<TypeRecord>): Field => {
  const [most] = record.toSorted((one, other) => other.done - one.done)
  const median = most?.medianRun ?? null
  if (median === null) return { text: "-", order: -1, tone: "quiet" }
  const millis = Duration.toMillis(median)
  return { text: formatLength(millis), order: millis }
}

export const subjectOfWorker = ({ name, state }: Worker): Subject => ({ kind: "worker", name, state })

/** How it stands with a worker, in a sign and a word. */
export const standingOf = (worker: Worker, { glyphs }: Look) => {
  const word = stateOf(worker)
  const [glyph, tone] = signs[word] ?? (["off", "plain"] as const)
  return { sign: glyph === "on" ? glyphs.on : glyphs.off, word, tone }
}

const rowOf = (worker: Worker, now: number, look: Look): Row => {
  const { sign, tone, word } = standingOf(worker, look)
  const seen = worker.lastSeenAt === null ? null : millisOf(worker.lastSeenAt)
  return {
    key: worker.name,
    subject: subjectOfWorker(worker),
    fields: {
      state: { text: `${sign} ${word}`, value: word, tone },
      name: { text: worker.name },
      running: countField(worker.running.length, "busy"),
      done: countField(sum(worker.record, "done"), "good"),
      failed: countField(sum(worker.record, "failed"), "bad"),
      lost: countField(sum(worker.record, "lost"), "warn"),
      median: medianOf(worker.record),
      seen:
        seen === null
          ? { text: "never", order: Infinity }
          : { text: formatAge(seen, now), order: now - seen },
      types: { text: worker.types.length === 0 ? "any" : worker.types.join(" ") },
      skills: {
        text: describeSkills(worker.skills),
        tone: "quiet"
      },
      note: { text: noteOf(worker, now), tone: "warn" }
    }
  }
}

export const workerRows = (workers: ReadonlyArray<Worker>, now: number, look: Look): ReadonlyArray<Row> =>
  workers.map((worker) => rowOf(worker, now, look))
