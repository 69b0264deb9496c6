/** How a list is looked at: by status, in which order, and whether it moves. */
import { JobStatus } from "../../domain/jobs/Job.ts"
import { pageSize } from "../state/Data.ts"
import { paneIn, placeOf, shownData, type State, withPane, withPlace } from "../state/State.ts"
import { tableOf } from "../tables/rows.ts"

/** The tabs over the jobs: all, then each status. */
export const statusTabs: ReadonlyArray<JobStatus | null> = [null, ...JobStatus.literals]

export const nextStatus = (state: State, step: 1 | -1): State => {
  const place = placeOf(state)
  const tab = statusTabs.indexOf(place.status)
  const status = statusTabs.at((tab + step) % statusTabs.length) ?? null
  const panes = place.panes.map((pane) => ({ ...pane, marks: new Set<string>(), rangeFrom: null }))
  return withPlace(state, { ...place, status, wanted: pageSize, panes })
}

/** Sorts by the next column, or the one before: left of the first and right of the last is the order as it came. */
export const sortBeside = (state: State, step: 1 | -1): State => {
  const pane = paneIn(placeOf(state))
  const columns = tableOf(pane)?.columns ?? []
  const choices = [null, ...columns.filter(({ title }) => title !== "").map(({ name }) => name)]
  const chosen = choices.indexOf(pane.sort?.column ?? null)
  const column = choices.at((chosen + step) % choices.length) ?? null
  return withPane(state, {
    ...pane,
    sort: column === null ? null : { column, isReversed: pane.sort?.isReversed ?? false }
  })
}

export const reverse = (state: State): State => {
  const pane = paneIn(placeOf(state))
  const first = tableOf(pane)?.columns[0]
  if (first === undefined) return state
  const { column, isReversed } = pane.sort ?? { column: first.name, isReversed: true }
  return withPane(state, { ...pane, sort: { column, isReversed: !isReversed } })
}

export const freeze = (state: State): State => ({
  ...state,
  frozen: state.frozen === null ? { data: shownData(state), behind: 0 } : null
})
