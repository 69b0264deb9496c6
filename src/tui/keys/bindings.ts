/** The keys, as data: from it are made the help, the palette, the line at the foot, and what a key does. */
import { type PlaceKind, titles } from "../state/Place.ts"

/** For the help. */
export const groups = ["Views", "Moving", "Looking", "Choosing", "Deciding", "Program"] as const

interface BindingShape {
  /** The name in the palette. */
  readonly name: string
  /** The first of them is the one that is shown. */
  readonly keys: ReadonlyArray<string>
  /** What it does, in words. */
  readonly title: string
  /** The same in one word, for the line at the foot; without it, it does not stand there. */
  readonly short?: string
  readonly group: (typeof groups)[number]
  /** Everywhere, unless it says where. */
  readonly places?: ReadonlyArray<PlaceKind>
  /** Who may do it: `client` is anybody who may look at jobs. */
  readonly needs: "client" | "supervisor"
  /** Whether it changes anything on the server. */
  readonly changes?: true
}

const tables = ["overview", "types", "jobs", "workers", "worker", "projects", "events"] as const
const chosen = ["types", "jobs", "workers", "worker", "projects"] as const
const ofJobs = ["jobs", "job", "worker"] as const

export const bindings = [
  { name: "overview", keys: ["1"], title: titles.overview, group: "Views", needs: "supervisor" },
  { name: "types", keys: ["2"], title: titles.types, group: "Views", needs: "supervisor" },
  { name: "jobs", keys: ["3"], title: titles.jobs, group: "Views", needs: "client" },
  { name: "workers", keys: ["4"], title: titles.workers, group: "Views", needs: "supervisor" },
  { name: "projects", keys: ["5"], title: "Projects and schedules", group: "Views", needs: "client" },
  { name: "events", keys: ["6"], title: titles.events, group: "Views", needs: "supervisor" },
  {
    name: "open",
    keys: ["enter"],
    title: "go into the selected row",
    short: "open",
    group: "Moving",
    places: tables,
    needs: "client"
  },
  { name: "back", keys: ["escape"], title: "go back", short: "back", group: "Moving", needs: "client" },
  { name: "down", keys: ["j", "down"], title: "down", group: "Moving", needs: "client" },
  { name: "up", keys: ["k", "up"], title: "up", group: "Moving", needs: "client" },
  { name: "page-down", keys: ["pagedown", "ctrl+f"], title: "a page down", group: "Moving", needs: "client" },
  { name: "page-up", keys: ["pageup", "ctrl+b"], title: "a page up", group: "Moving", needs: "client" },
  { name: "first", keys: ["g", "home"], title: "to the beginning", group: "Moving", needs: "client" },
  {
    name: "last",
    keys: ["G", "end"],
    title: "to the end; in a log, follow it",
    group: "Moving",
    needs: "client"
  },
  {
    name: "other-pane",
    keys: ["tab"],
    title: "to the other list or text",
    short: "other",
    group: "Moving",
    places: ["overview", "projects", "job"],
    needs: "client"
  },
  {
    name: "filter",
    keys: ["/"],
    title: "filter: words, key=value, ! inverts",
    short: "filter",
    group: "Looking",
    places: tables,
    needs: "client"
  },
  {
    name: "previous-status",
    keys: ["["],
    title: "jobs of the previous status",
    group: "Looking",
    places: ["jobs"],
    needs: "client"
  },
  {
    name: "next-status",
    keys: ["]"],
    title: "jobs of the next status",
    short: "status",
    group: "Looking",
    places: ["jobs"],
    needs: "client"
  },
  {
    name: "sort-left",
    keys: ["left"],
    title: "sort by the column to the left",
    group: "Looking",
    places: tables,
    needs: "client"
  },
  {
    name: "sort-right",
    keys: ["right"],
    title: "sort by the column to the right",
    short: "sort",
    group: "Looking",
    places: tables,
    needs: "client"
  },
  {
    name: "reverse",
    keys: ["r"],
    title: "reverse the order",
    group: "Looking",
    places: tables,
    needs: "client"
  },
  {
    name: "freeze",
    keys: ["f"],
    title: "freeze what is shown, or let it move again",
    short: "freeze",
    group: "Looking",
    needs: "client"
  },
  {
    name: "mark",
    keys: ["space"],
    title: "mark the row, or unmark it",
    short: "mark",
    group: "Choosing",
    places: chosen,
    needs: "client"
  },
  {
    name: "range",
    keys: ["v"],
    title: "begin to mark a range, or end it",
    group: "Choosing",
    places: chosen,
    needs: "client"
  },
  { name: "copy-id", keys: ["y"], title: "copy the id", short: "copy", group: "Choosing", needs: "client" },
  { name: "copy-curl", keys: ["Y"], title: "copy the curl command", group: "Choosing", needs: "client" },
  {
    name: "retry",
    keys: ["R"],
    title: "retry failed or cancelled jobs",
    short: "retry",
    group: "Deciding",
    places: ofJobs,
    needs: "client",
    changes: true
  },
  {
    name: "cancel",
    keys: ["c"],
    title: "cancel jobs or projects",
    short: "cancel",
    group: "Deciding",
    places: [...ofJobs, "projects"],
    needs: "client",
    changes: true
  },
  {
    name: "retry-all",
    keys: ["ctrl+r"],
    title: "retry all that fit the filter",
    group: "Deciding",
    places: ["jobs"],
    needs: "supervisor",
    changes: true
  },
  {
    name: "cancel-all",
    keys: ["ctrl+x"],
    title: "cancel all that fit the filter",
    group: "Deciding",
    places: ["jobs"],
    needs: "supervisor",
    changes: true
  },
  {
    name: "raise",
    keys: ["+"],
    title: "raise the priority",
    group: "Deciding",
    places: ofJobs,
    needs: "client",
    changes: true
  },
  {
    name: "lower",
    keys: ["-"],
    title: "lower the priority",
    group: "Deciding",
    places: ofJobs,
    needs: "client",
    changes: true
  },
  {
    name: "pause",
    keys: ["p"],
    title: "pause types, workers or schedules, or let them go on",
    short: "pause",
    group: "Deciding",
    places: ["types", "workers", "worker", "projects"],
    needs: "supervisor",
    changes: true
  },
  {
    name: "ban",
    keys: ["b"],
    title: "ban workers, or lift the ban",
    short: "ban",
    group: "Deciding",
    places: ["workers", "worker"],
    needs: "supervisor",
    changes: true
  },
  {
    name: "close",
    keys: ["x"],
    title: "close projects: they take no more jobs",
    short: "close",
    group: "Deciding",
    places: ["projects"],
    needs: "client",
    changes: true
  },
  {
    name: "run",
    keys: ["n"],
    title: "run schedules now",
    short: "run",
    group: "Deciding",
    places: ["projects"],
    needs: "supervisor",
    changes: true
  },
  {
    name: "palette",
    keys: [":"],
    title: "all that can be done here, by name",
    short: "do",
    group: "Program",
    needs: "client"
  },
  { name: "help", keys: ["?"], title: "the keys", short: "help", group: "Program", needs: "client" },
  {
    name: "suspend",
    keys: ["ctrl+z"],
    title: "back to the shell; fg goes on",
    group: "Program",
    needs: "client"
  },
  { name: "quit", keys: ["q", "ctrl+c"], title: "quit", short: "quit", group: "Program", needs: "client" }
] as const satisfies ReadonlyArray<BindingShape>

export type CommandName = (typeof bindings)[number]["name"]

export interface Binding extends BindingShape {
  readonly name: CommandName
}
