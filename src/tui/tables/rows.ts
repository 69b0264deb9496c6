/** The rows of each table as they are shown: all that there are, then filtered and sorted as the user wants them. */
import type { Look } from "../look/Look.ts"
import { type Data } from "../state/Data.ts"
import { type Pane } from "../state/Place.ts"
import { shownData, type State } from "../state/State.ts"
import { alertRows, alertsTable } from "./alerts.ts"
import { attemptRows, attemptsTable } from "./attempts.ts"
import { eventRows, eventsTable } from "./events.ts"
import { wantedBy } from "./filter.ts"
import { jobRows, jobsTable } from "./jobs.ts"
import { projectRows, projectsTable, scheduleRows, schedulesTable } from "./projects.ts"
import type { Row, Table, TableName } from "./Table.ts"
import { typeRows, typesTable } from "./types.ts"
import { workerRows, workersTable } from "./workers.ts"

const tables: Readonly<Record<TableName, Table>> = {
  alerts: alertsTable,
  types: typesTable,
  jobs: jobsTable,
  workers: workersTable,
  attempts: attemptsTable,
  projects: projectsTable,
  schedules: schedulesTable,
  events: eventsTable
}

/** The table of a pane; null if it is a text. */
export const tableOf = ({ name }: Pane): Table | null =>
  name === "details" || name === "log" ? null : tables[name]

const allRows = (name: Pane["name"], data: Data, now: number, look: Look): ReadonlyArray<Row> => {
  const { alerts, events, page, stats } = data
  switch (name) {
    case "alerts":
      return alertRows(alerts, page?.kind === "workers" ? page.items : [], now, look)
    case "types":
      return typeRows(stats?.types ?? [], now)
    case "events":
      return eventRows(events, now)
    case "jobs":
      return page?.kind === "jobs" ? jobRows(page.items, now, look) : []
    case "workers":
      return page?.kind === "workers" ? workerRows(page.items, now, look) : []
    case "attempts":
      return page?.kind === "worker" ? attemptRows(page.worker.running, page.jobs, now, look) : []
    case "projects":
      return page?.kind === "projects" ? projectRows(page.projects, page.standings, now, look) : []
    case "schedules":
      return page?.kind === "projects" ? scheduleRows(page.schedules ?? [], now, look) : []
    case "details":
    case "log":
      return []
  }
}

const compare = (column: string) => (one: Row, other: Row) => {
  const [left, right] = [one.fields[column], other.fields[column]]
  if (left === undefined || right === undefined) return 0
  if (left.order !== undefined && right.order !== undefined) return left.order - right.order
  return left.text < right.text ? -1 : left.text > right.text ? 1 : 0
}

const sorted = (rows: ReadonlyArray<Row>, { sort }: Pane): ReadonlyArray<Row> => {
  if (sort === null) return rows
  const order = compare(sort.column)
  return rows.toSorted(sort.isReversed ? (one, other) => order(other, one) : order)
}

const wantedRows = (state: State, pane: Pane): ReadonlyArray<Row> => {
  const rows = allRows(pane.name, shownData(state), state.now, state.look)
  const wanted = pane.filter === "" ? rows : rows.filter(wantedBy(pane.filter))
  return sorted(wanted, pane)
}

// Where the selection is, how the screen is divided, and what is drawn: all of it is asked of the same state.
const rowsOfStates = new WeakMap<State, Map<Pane, ReadonlyArray<Row>>>()

/** The rows of a pane, as they are shown. */
export const rowsOf = (state: State, pane: Pane): ReadonlyArray<Row> => {
  const rowsOfPanes = rowsOfStates.get(state) ?? new Map<Pane, ReadonlyArray<Row>>()
  const rows = rowsOfPanes.get(pane) ?? wantedRows(state, pane)
  rowsOfStates.set(state, rowsOfPanes.set(pane, rows))
  return rows
}

/** The place of the selected row: where it is now, or where it was last if it has gone. */
export const positionOf = (rows: ReadonlyArray<Row>, { position, selected }: Pane): number => {
  const found = selected === null ? 0 : rows.findIndex(({ key }) => key === selected)
  return found >= 0 ? found : Math.max(0, Math.min(position, rows.length - 1))
}

/** The keys of the rows from the beginning of the range that is being marked to the selected one. */
export const rangeOf = (rows: ReadonlyArray<Row>, pane: Pane): ReadonlySet<string> => {
  const from = pane.rangeFrom === null ? -1 : rows.findIndex(({ key }) => key === pane.rangeFrom)
  if (from < 0) return new Set()
  const to = positionOf(rows, pane)
  return new Set(rows.slice(Math.min(from, to), Math.max(from, to) + 1).map(({ key }) => key))
}
