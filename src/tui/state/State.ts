/** All that the dashboard knows: what it heard of the server, where its user is, and what the user is about to do. */
import type { Look, Tone } from "../look/Look.ts"
import type { Change } from "../keys/changes.ts"
import { type Conditions, conditionsOf } from "../tables/filter.ts"
import { type Data, nothingHeard } from "./Data.ts"
import { newPane, newPlace, type Pane, type Place, titles, type ViewName } from "./Place.ts"

/** After how many milliseconds without a word what is shown is stale. The server tells something every second. */
const staleAfterMillis = 5_000

/** How long a message stays at the foot, in milliseconds. */
export const noticeMillis = 6_000

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
