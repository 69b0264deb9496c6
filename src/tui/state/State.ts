/** All that the dashboard knows: what it heard of the server, where its user is, and what the user is about to do. */
import type { Attempt } from "../../domain/Attempt.ts"
import type { BossEventJson } from "../../domain/BossEvent.ts"
import type { Explanation } from "../../domain/Explanation.ts"
import type { Job, JobStatus } from "../../domain/Job.ts"
import type { Project, ProjectStanding } from "../../domain/Project.ts"
import type { Schedule } from "../../domain/Schedule.ts"
import type { StatsSnapshot } from "../../domain/StatsSnapshot.ts"
import type { Worker } from "../../domain/Worker.ts"
import type { Look, Tone } from "../look/Look.ts"
import type { Change } from "../keys/changes.ts"
import { type Conditions, conditionsOf } from "../tables/filter.ts"
import type { TableName } from "../tables/Table.ts"

/** The views that have a number. */
export const viewNames = ["overview", "types", "jobs", "workers", "projects", "events"] as const
export type ViewName = (typeof viewNames)[number]
export type PlaceKind = ViewName | "job" | "worker"

/** Events that are kept to be looked at; the oldest are forgotten. */
export const mostEvents = 1_000
/** Alerts that are kept; the oldest are forgotten. */
export const mostAlerts = 100
/** Of the jobs that an alert is about so many are told apart. */
export const mostAlertedJobs = 1_000
/** Samples of the rates, one a second: five minutes. */
export const mostSamples = 300
/** Lines of a job's log that are kept; the oldest are forgotten. */
export const mostLogLines = 5_000
/** So many jobs are read at first, and as many more whenever the end of the list is reached. */
export const pageSize = 100
/** So many jobs are read at most: beyond them a filter finds what is looked for. */
export const mostJobs = 1_000

/** Without a word for so long, what is shown is stale. The server tells something every second. */
export const staleAfterMillis = 5_000

/** So long is something told at the foot. */
export const noticeMillis = 6_000

/** An event, as it was heard. */
export interface HeardEvent {
  /** Counts the events that were heard here. */
  readonly number: number
  readonly at: number
  readonly event: BossEventJson
}

/** Something that a supervisor should look at. */
export interface Alert {
  readonly kind: "unclaimed" | "lost"
  /** Tells what it is about: a type that is unclaimed, a worker that was lost. */
  readonly key: string
  /** The last event of it. */
  readonly heard: HeardEvent
  /** The jobs that it is about. */
  readonly jobs: ReadonlySet<string>
}

/** How many jobs were created and ended in a second. */
export interface Sample {
  readonly at: number
  readonly created: number
  readonly done: number
  readonly failed: number
}

/** What was read for the place that is shown. */
export type Page =
  | { readonly kind: "jobs"; readonly items: ReadonlyArray<Job>; readonly hasMore: boolean }
  | { readonly kind: "workers"; readonly items: ReadonlyArray<Worker>; readonly hasMore: boolean }
  | {
      readonly kind: "projects"
      readonly projects: ReadonlyArray<Project>
      readonly standings: ReadonlyMap<string, ProjectStanding>
      /** Null if they may not be looked at. */
      readonly schedules: ReadonlyArray<Schedule> | null
    }
  /** A worker, and the jobs that name it. */
  | { readonly kind: "worker"; readonly worker: Worker; readonly jobs: ReadonlyArray<Job> }
  | {
      readonly kind: "job"
      readonly job: Job | null
      readonly attempts: ReadonlyArray<Attempt>
      readonly explanation: Explanation | null
      readonly log: ReadonlyArray<string>
      /** How many lines of the log were forgotten. */
      readonly forgotten: number
    }

/** What was heard of the server. */
export interface Data {
  readonly stats: StatsSnapshot | null
  readonly samples: ReadonlyArray<Sample>
  /** The oldest first. */
  readonly events: ReadonlyArray<HeardEvent>
  readonly alerts: ReadonlyArray<Alert>
  /** What the page was asked for; see `wishOf`. */
  readonly pageKey: string | null
  readonly page: Page | null
  /** Why the page could not be read. */
  readonly pageProblem: string | null
}

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

/** What is being typed or asked, in front of everything else. */
export type Prompt =
  | { readonly kind: "filter"; readonly text: string; readonly before: string }
  | { readonly kind: "palette"; readonly text: string; readonly choice: number }
  | { readonly kind: "confirm"; readonly change: Change }
  | { readonly kind: "help"; readonly offset: number }

/** What may be done here. */
export interface Access {
  readonly role: "client" | "supervisor"
  readonly isReadOnly: boolean
}

export interface Connection {
  readonly isOpen: boolean
  readonly lastHeardAt: number | null
  /** Why it is not open. */
  readonly problem: string | null
  readonly nextTryAt: number | null
}

export interface Notice {
  readonly text: string
  readonly tone: Tone
  readonly until: number
}

export interface State {
  readonly url: string
  readonly look: Look
  readonly access: Access
  readonly now: number
  readonly size: { readonly columns: number; readonly rows: number }
  readonly connection: Connection
  readonly data: Data
  /** What is shown while it does not move, and how many updates have come since. */
  readonly frozen: { readonly data: Data; readonly behind: number } | null
  /** The numbered view that is shown or that was gone in from. */
  readonly view: ViewName
  readonly roots: Readonly<Record<ViewName, Place>>
  /** The places gone into from there, the one that is shown last. */
  readonly trail: ReadonlyArray<Place>
  readonly prompt: Prompt | null
  readonly notice: Notice | null
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

const nothingHeard: Data = {
  stats: null,
  samples: [],
  events: [],
  alerts: [],
  pageKey: null,
  page: null,
  pageProblem: null
}

export const initialState = (given: {
  readonly url: string
  readonly look: Look
  readonly access: Access
  readonly now: number
  readonly size: State["size"]
}): State => ({
  ...given,
  connection: { isOpen: false, lastHeardAt: null, problem: null, nextTryAt: null },
  data: nothingHeard,
  frozen: null,
  view: given.access.role === "supervisor" ? "overview" : "jobs",
  roots: {
    overview: newPlace("overview", titles.overview),
    types: newPlace("types", titles.types),
    jobs: newPlace("jobs", titles.jobs),
    workers: newPlace("workers", titles.workers),
    projects: newPlace("projects", titles.projects),
    events: newPlace("events", titles.events)
  },
  trail: [],
  prompt: null,
  notice: null
})

/** Where the user is. */
export const placeOf = ({ roots, trail, view }: State): Place => trail.at(-1) ?? roots[view]

/** The same state with another place where the user is. */
export const withPlace = (state: State, place: Place): State =>
  state.trail.length > 0
    ? { ...state, trail: [...state.trail.slice(0, -1), place] }
    : { ...state, roots: { ...state.roots, [state.view]: place } }

/** The pane that the keys go to. */
export const paneIn = (place: Place): Pane => place.panes[place.focus] ?? newPane("alerts")

export const withPane = (state: State, pane: Pane): State => {
  const place = placeOf(state)
  return withPlace(state, { ...place, panes: place.panes.with(place.focus, pane) })
}

/** What is to be shown, which does not move while it is frozen. */
export const shownData = ({ data, frozen }: State): Data => frozen?.data ?? data

/** Whether what is shown may no longer be so. */
export const isStale = ({ connection, now }: State): boolean =>
  !connection.isOpen || connection.lastHeardAt === null || now - connection.lastHeardAt > staleAfterMillis

/** What has to be read for the place where the user is. */
export type Wish =
  | { readonly kind: "nothing" }
  | { readonly kind: "jobs"; readonly conditions: Conditions; readonly limit: number }
  | { readonly kind: "workers" }
  | { readonly kind: "projects" }
  | { readonly kind: "job"; readonly id: string }
  | { readonly kind: "worker"; readonly name: string }

export const wishOf = (state: State): Wish => {
  const { about, kind, panes, status, wanted } = placeOf(state)
  // What is being typed is not asked for before it is whole.
  const filter = state.prompt?.kind === "filter" ? state.prompt.before : (panes[0]?.filter ?? "")
  if (kind === "jobs") {
    const conditions = conditionsOf(filter)
    return { kind, conditions: status === null ? conditions : { ...conditions, status }, limit: wanted }
  }
  if (kind === "job" && about !== null) return { kind, id: about }
  if (kind === "worker" && about !== null) return { kind, name: about }
  // The overview tells of workers, too.
  if (kind === "overview" || kind === "workers") return { kind: "workers" }
  return kind === "projects" ? { kind } : { kind: "nothing" }
}

/** The same for the same wish. More of the same list is the same wish. */
export const keyOfWish = (wish: Wish): string =>
  JSON.stringify(wish.kind === "jobs" ? { ...wish, limit: undefined } : wish)
