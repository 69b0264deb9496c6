/** Moving within a list or a text, going into what is selected, and back. */
import { detailLines } from "../state/details.ts"
import { paneLines } from "../state/layout.ts"
import { mostJobs, pageSize } from "../state/Data.ts"
import { newPlace, type Pane, type Place, type ViewName } from "../state/Place.ts"
import { paneIn, placeOf, shownData, type State, withPane, withPlace } from "../state/State.ts"
import { termFor } from "../tables/filter.ts"
import { positionOf, rowsOf, tableOf } from "../tables/rows.ts"
import type { Row, Subject } from "../tables/Table.ts"

/** How many rows or lines the pane shows that the keys go to. */
export const linesShown = (state: State): number => paneLines(state)[placeOf(state).focus] ?? 1

/** The row that is selected where the keys go to; null if there is none. */
export const selectedRow = (state: State): Row | null => {
  const pane = paneIn(placeOf(state))
  const rows = rowsOf(state, pane)
  return rows[positionOf(rows, pane)] ?? null
}

// At the end of the jobs that were read, more are wanted.
const wantMore = (state: State, position: number, count: number): State => {
  const place = placeOf(state)
  const { page } = shownData(state)
  return place.kind === "jobs" && page?.kind === "jobs" && page.hasMore && position >= count - 1
    ? withPlace(state, {
        ...place,
        wanted: Math.min(mostJobs, Math.max(place.wanted, page.items.length) + pageSize)
      })
    : state
}

const select = (state: State, pane: Pane, wanted: number): State => {
  const rows = rowsOf(state, pane)
  const position = Math.max(0, Math.min(wanted, rows.length - 1))
  // At the newest event the newest one is followed.
  const selected =
    pane.name === "events" && position === 0 && pane.sort === null ? null : (rows[position]?.key ?? null)
  return wantMore(withPane(state, { ...pane, position, selected }), position, rows.length)
}

const textLength = (state: State, pane: Pane): number => {
  const { page } = shownData(state)
  if (page?.kind !== "job") return 0
  return pane.name === "log"
    ? page.log.length
    : detailLines(page, state.now, state.size.columns - 1, state.look).length
}

// The offset of a log counts back from its end.
const scroll = (state: State, pane: Pane, lines: number): State => {
  const most = Math.max(0, textLength(state, pane) - linesShown(state))
  const offset = Math.min(pane.offset, most) + (pane.name === "log" ? -lines : lines)
  return withPane(state, { ...pane, offset: Math.max(0, Math.min(most, offset)) })
}

/** Goes down by this many rows or lines, or up. */
export const moveBy = (state: State, lines: number): State => {
  const pane = paneIn(placeOf(state))
  if (tableOf(pane) === null) return scroll(state, pane, lines)
  return select(state, pane, positionOf(rowsOf(state, pane), pane) + lines)
}

/** The view of that number, as it was left. */
export const goToView = (state: State, view: ViewName): State => ({ ...state, view, trail: [], frozen: null })

const placeFor = (subject: Subject): Place => {
  switch (subject.kind) {
    case "job":
      return newPlace("job", `${subject.type} ${subject.id.slice(-8)}`, { about: subject.id })
    case "type":
      return newPlace("jobs", subject.type, { filter: termFor("type", subject.type) })
    case "worker":
      return newPlace("worker", subject.name, { about: subject.name })
    case "project":
      return newPlace("jobs", subject.name, { filter: termFor("project", subject.id) })
    case "schedule":
      return newPlace("jobs", subject.name, {
        filter: `${termFor("type", subject.type)} ${termFor("schedule", subject.name)}`
      })
  }
}

/** How many places are remembered to go back to: beyond that the oldest are forgotten. */
const deepest = 16

/** Goes into the selected row. */
export const open = (state: State): State => {
  const subject = selectedRow(state)?.subject ?? null
  return subject === null
    ? state
    : { ...state, trail: [...state.trail, placeFor(subject)].slice(-deepest), frozen: null }
}

/** Goes back: out of the range, the marks or the filter of the place first, then out of the place. */
export const back = (state: State): State => {
  const pane = paneIn(placeOf(state))
  if (pane.rangeFrom !== null) return withPane(state, { ...pane, rangeFrom: null })
  if (pane.marks.size > 0) return withPane(state, { ...pane, marks: new Set() })
  if (state.trail.length > 0) return { ...state, trail: state.trail.slice(0, -1), frozen: null }
  return pane.filter === "" ? state : withPane(state, { ...pane, filter: "" })
}

/** The other list or text of the place. */
export const otherPane = (state: State): State => {
  const place = placeOf(state)
  return withPlace(state, { ...place, focus: (place.focus + 1) % place.panes.length })
}
