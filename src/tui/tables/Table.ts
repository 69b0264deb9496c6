/** What all tables have in common: columns that are chosen by their worth, rows of fields, and what a row is about. */
import type { JobStatus } from "../../domain/jobs/Job.ts"
import type { Project } from "../../domain/projects/Project.ts"
import type { WorkerState } from "../../domain/workers/Worker.ts"
import { formatCount } from "../look/format.ts"
import type { Keep } from "../look/text.ts"
import type { Tone } from "../look/Look.ts"

export type TableName =
  "alerts" | "types" | "jobs" | "workers" | "attempts" | "projects" | "schedules" | "events"

export interface Column {
  readonly name: string
  readonly title: string
  /** Narrower than this it is of no use. */
  readonly least: number
  /** Wider than this it never needs to be; what its rows need is enough. */
  readonly most: number
  /** Columns of less worth give way first. */
  readonly worth: number
  readonly align?: "left" | "right"
  readonly keep?: Keep
}

/** Something that a row says: shown, filtered by, and sorted by. */
export interface Field {
  readonly text: string
  /** What a filter compares with, if not the text. */
  readonly value?: string
  /** What it is sorted by, if not the text. */
  readonly order?: number
  readonly tone?: Tone
}

/** What a row is about, which is what can be opened and decided upon. Null for what is not known of it. */
export type Subject =
  | {
      readonly kind: "job"
      readonly id: string
      readonly type: string
      readonly status: JobStatus | null
      readonly priority: number | null
    }
  | { readonly kind: "type"; readonly type: string; readonly isPaused: boolean }
  | { readonly kind: "worker"; readonly name: string; readonly state: WorkerState | null }
  | {
      readonly kind: "project"
      readonly id: string
      readonly name: string
      readonly status: Project["status"]
    }
  | {
      readonly kind: "schedule"
      readonly name: string
      readonly type: string
      readonly isPaused: boolean
    }

export interface Row {
  /** Tells it from all other rows, wherever it moves. */
  readonly key: string
  /** Null if there is nothing to open. */
  readonly subject: Subject | null
  readonly fields: Readonly<Record<string, Field>>
}

/** A kind of table. */
export interface Table {
  readonly columns: ReadonlyArray<Column>
  /** What is shown where there are no rows. */
  readonly nothing: string
}

/** What a length of time takes at most, within a day: `23h 59m`. Cut short it would be read as another one. */
export const lengthColumns = 7

/** What it takes until something happens: `in 23h 59m`. */
export const untilColumns = 10

/** A column of numbers that count something. */
export const countColumn = (name: string, title: string, worth: number): Column => ({
  name,
  title,
  least: 6,
  most: 12,
  worth,
  align: "right"
})

/** A number that counts something; nothing of it is quiet. */
export const countField = (value: number, tone: Tone): Field => ({
  text: formatCount(value),
  order: value,
  tone: value === 0 ? "quiet" : tone
})

export const textOf = (row: Row, name: string): string => row.fields[name]?.text ?? ""
