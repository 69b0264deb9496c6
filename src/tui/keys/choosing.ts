/** Which rows are chosen, to be decided upon or copied. */
import { subjectOfJob } from "../tables/jobs.ts"
import { subjectOfWorker } from "../tables/workers.ts"
import { type Pane } from "../state/Place.ts"
import { paneIn, placeOf, shownData, type State, withPane } from "../state/State.ts"
import { rangeOf, rowsOf } from "../tables/rows.ts"
import type { Subject } from "../tables/Table.ts"
import { moveBy, selectedRow } from "./moving.ts"

/** Marks the selected row, or unmarks it, and goes on to the next one. */
export const mark = (state: State): State => {
  const pane = paneIn(placeOf(state))
  const key = selectedRow(state)?.key
  if (key === undefined) return state
  if (pane.rangeFrom !== null) return range(state)
  const marks = new Set(pane.marks)
  if (!marks.delete(key)) marks.add(key)
  return moveBy(withPane(state, { ...pane, marks }), 1)
}

/** Begins a range at the selected row, or marks all from its beginning to here. */
export const range = (state: State): State => {
  const pane = paneIn(placeOf(state))
  if (pane.rangeFrom === null) return withPane(state, { ...pane, rangeFrom: selectedRow(state)?.key ?? null })
  const marks = new Set([...pane.marks, ...rangeOf(rowsOf(state, pane), pane)])
  return withPane(state, { ...pane, marks, rangeFrom: null })
}

/** Which rows are meant: those of the range that is being marked and all marked ones; if there are none, the selected one. */
const chosenRows = (state: State, pane: Pane): ReadonlySet<string> => {
  const marked = new Set([...pane.marks, ...rangeOf(rowsOf(state, pane), pane)])
  if (marked.size > 0) return marked
  const key = selectedRow(state)?.key
  return new Set(key === undefined ? [] : [key])
}

/** What the place is about, as far as that was read. */
export const placeSubject = (state: State): ReadonlyArray<Subject> => {
  const { page } = shownData(state)
  if (page?.kind === "job" && page.job !== null) return [subjectOfJob(page.job)]
  return page?.kind === "worker" ? [subjectOfWorker(page.worker)] : []
}

/** What is to be decided upon. */
export const chosenSubjects = (state: State): ReadonlyArray<Subject> => {
  const place = placeOf(state)
  if (place.kind === "job") return placeSubject(state)
  const pane = paneIn(place)
  const chosen = chosenRows(state, pane)
  return rowsOf(state, pane).flatMap(({ key, subject }) =>
    subject !== null && chosen.has(key) ? [subject] : []
  )
}

/** What the place or the selected row is about; null if nothing. */
const subjectHere = (state: State): Subject | null => {
  const { about, kind } = placeOf(state)
  const [ofPlace = null] = placeSubject(state)
  if (kind !== "job" || about === null) return selectedRow(state)?.subject ?? ofPlace
  // It need not have been read.
  return ofPlace ?? { kind: "job", id: about, type: "", status: null, priority: null }
}

/** The id or the name of what is looked at; null if there is nothing. */
export const idHere = (state: State): string | null => {
  const subject = subjectHere(state)
  if (subject === null) return null
  if (subject.kind === "job" || subject.kind === "project") return subject.id
  return subject.kind === "type" ? subject.type : subject.name
}

const pathOf = (subject: Subject | null): string => {
  switch (subject?.kind) {
    case "job":
      return `/jobs/${subject.id}`
    case "type":
      return `/types/${encodeURIComponent(subject.type)}`
    case "worker":
      return `/workers/${encodeURIComponent(subject.name)}`
    case "project":
      return `/projects/${subject.id}`
    case "schedule":
      return `/schedules/${encodeURIComponent(subject.name)}`
    case undefined:
      return "/stats"
  }
}

/** The curl command that shows the same. The secret stays where it is: the command takes it from the environment. */
export const curlHere = (state: State): string => {
  const path = pathOf(subjectHere(state))
  return `curl -s -H "Authorization: Bearer $LAZYBOSS_TOKEN" '${state.url}${path}'`
}
