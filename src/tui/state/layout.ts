/** How the screen is divided, by its size and by what has to be said at its foot. */
import { questionOf } from "../keys/wordings.ts"
import { wrap } from "../look/text.ts"
import { detailLines } from "./details.ts"
import type { Line } from "./lines.ts"
import { figureLines } from "./figures.ts"
import { rowsOf } from "../tables/rows.ts"
import { workerLines } from "./workerLines.ts"
import { placeOf, shownData, type State } from "./State.ts"

/** A smaller terminal shows nothing but that it is too small. */
export const smallest = { columns: 40, rows: 12 }

export const isTooSmall = ({ size }: State): boolean =>
  size.columns < smallest.columns || size.rows < smallest.rows

/** The lines above the body: the program and its server, the views, and the way here. */
const headLines = 3
/** The line over the rows of a table, with the titles of its columns. */
const tableHeadLines = 1
/** The status tabs over the jobs. */
const statusLines = 1
/** The line of keys. */
const footLines = 1

/** The lines between the body and the keys: what is asked, typed or told. */
const promptLines = (state: State): number => {
  const { prompt, size } = state
  return prompt?.kind === "confirm" ? wrap(questionOf(prompt.change), size.columns - 2).length + 1 : 1
}

/** The lines of the body. */
export const bodyLines = (state: State): number =>
  Math.max(1, state.size.rows - headLines - footLines - promptLines(state))

/** How many lines of the overview are kept for its lists. */
const leastLists = 3
/** With fewer lines only one of the two lists is shown. */
const bothLists = 7

/** The figures at the top of the overview. */
export const overviewLines = (state: State): ReadonlyArray<Line> => {
  const { page, samples, stats } = shownData(state)
  const workers = page?.kind === "workers" ? page.items : null
  const room = bodyLines(state) - leastLists
  return figureLines({ stats, samples, workers }, state.now, state.size.columns - 2, room, state.look)
}

const overviewLists = (state: State, room: number): ReadonlyArray<number> => {
  if (room < bothLists) return [room - tableHeadLines, room - tableHeadLines]
  const [alerts] = placeOf(state).panes
  const wanted = alerts === undefined ? 1 : Math.max(1, rowsOf(state, alerts).length)
  const rows = room - 2 * tableHeadLines - 1
  const forAlerts = Math.min(wanted, Math.floor(rows / 2))
  return [forAlerts, rows - forAlerts]
}

/** How many lines of a worker's place are kept for its attempts. */
const leastAttempts = 4

/** What is known of the worker at whose place one is. */
export const workerHeadLines = (state: State): ReadonlyArray<Line> => {
  const { page } = shownData(state)
  if (page?.kind !== "worker") return []
  const room = Math.max(1, bodyLines(state) - tableHeadLines - leastAttempts)
  return workerLines(page.worker, state.now, state.size.columns - 1, state.look).slice(0, room)
}

/** Whether the two lists of the overview are shown, and not only the one that the keys go to. */
export const showsBothLists = (state: State): boolean =>
  bodyLines(state) - overviewLines(state).length >= bothLists

/** How many rows or lines each pane of the place shows. */
export const paneLines = (state: State): ReadonlyArray<number> => {
  const place = placeOf(state)
  const body = bodyLines(state)
  const atLeastOne = (lines: number) => Math.max(1, lines)
  switch (place.kind) {
    case "overview":
      return overviewLists(state, body - overviewLines(state).length).map(atLeastOne)
    case "jobs":
      return [atLeastOne(body - statusLines - tableHeadLines)]
    case "projects": {
      const rows = body - 2 * tableHeadLines
      const forSchedules = atLeastOne(Math.floor(rows / 2))
      return [atLeastOne(rows - forSchedules), forSchedules]
    }
    case "worker":
      return [atLeastOne(body - workerHeadLines(state).length - tableHeadLines)]
    case "job": {
      const { page } = shownData(state)
      const wanted =
        page?.kind === "job" ? detailLines(page, state.now, state.size.columns - 1, state.look).length : 1
      const details = Math.min(wanted, Math.max(3, Math.floor(body * 0.6)))
      return [details, atLeastOne(body - details - tableHeadLines)]
    }
    default:
      return [atLeastOne(body - tableHeadLines)]
  }
}
