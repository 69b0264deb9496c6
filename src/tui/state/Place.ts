/** Places to be, and where one is in each of their lists and texts. */
import type { JobStatus } from "../../domain/jobs/Job.ts"
import type { TableName } from "../tables/Table.ts"
import { pageSize } from "./Data.ts"

/** The views that have a number. */
export const viewNames = ["overview", "types", "jobs", "workers", "projects", "events"] as const
export type ViewName = (typeof viewNames)[number]
export type PlaceKind = ViewName | "job" | "worker"

/** A list or a text at a place, and where its user is in it. */
export interface Pane {
  readonly name: TableName | "details" | "log"
  /** The key of the selected row; null for the first one. */
  readonly selected: string | null
  /** Where the selected row was last, should it vanish. */
  readonly position: number
  readonly sort: { readonly column: string; readonly isReversed: boolean } | null
  readonly filter: string
  readonly marks: ReadonlySet<string>
  /** The row where a range begins that is being marked. */
  readonly rangeFrom: string | null
  /** Lines scrolled: of details from the top, of a log back from the end, which is followed at 0. */
  readonly offset: number
}

/** Somewhere to be. */
export interface Place {
  readonly kind: PlaceKind
  /** What it is called where the way is shown. */
  readonly title: string
  /** The id of the job, or the name of the worker, that the place is about; null for a list. */
  readonly about: string | null
  /** The jobs of one status alone. */
  readonly status: JobStatus | null
  /** How many jobs are wanted. */
  readonly wanted: number
  readonly panes: ReadonlyArray<Pane>
  /** The pane that the keys go to. */
  readonly focus: number
}

/** A pane where nobody has been yet. */
export const newPane = (name: Pane["name"], filter = ""): Pane => ({
  name,
  selected: null,
  position: 0,
  sort: null,
  filter,
  marks: new Set(),
  rangeFrom: null,
  offset: 0
})

const panesOf: Readonly<Record<PlaceKind, ReadonlyArray<Pane["name"]>>> = {
  overview: ["alerts", "types"],
  types: ["types"],
  jobs: ["jobs"],
  workers: ["workers"],
  projects: ["projects", "schedules"],
  events: ["events"],
  job: ["details", "log"],
  worker: ["attempts"]
}

/** A place where nobody has been yet. */
export const newPlace = (
  kind: PlaceKind,
  title: string,
  { about = null, filter = "" }: { readonly filter?: string; readonly about?: string | null } = {}
): Place => ({
  kind,
  title,
  about,
  status: null,
  wanted: pageSize,
  panes: panesOf[kind].map((name) => newPane(name, filter)),
  focus: kind === "job" ? 1 : 0
})

export const titles: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  types: "Types",
  jobs: "Jobs",
  workers: "Workers",
  projects: "Projects",
  events: "Events"
}
