/** The table of a pane of the place. */
import { paneLines } from "../state/layout.ts"
import { type Pane } from "../state/Place.ts"
import { keyOfWish, placeOf, shownData, type State, wishOf } from "../state/State.ts"
import { rowsOf, tableOf } from "../tables/rows.ts"
import { TableView } from "./TableView.tsx"

const nothingIn = (state: State, pane: Pane, ofTable: string): string => {
  const { pageKey, pageProblem, stats } = shownData(state)
  const wish = wishOf(state)
  if (wish.kind !== "nothing" && pageKey !== keyOfWish(wish)) return "Reading"
  if (wish.kind !== "nothing" && pageProblem !== null) return `This could not be read: ${pageProblem}`
  if (pane.name === "types" && stats === null) return "Reading"
  return pane.filter === "" ? ofTable : "Nothing fits the filter."
}

export const PaneTable = ({ index, state }: { readonly state: State; readonly index: number }) => {
  const place = placeOf(state)
  const pane = place.panes[index]
  const table = pane === undefined ? null : tableOf(pane)
  if (pane === undefined || table === null) return null
  return (
    <TableView
      table={table}
      rows={rowsOf(state, pane)}
      pane={pane}
      columns={state.size.columns}
      height={paneLines(state)[index] ?? 1}
      isFocused={place.focus === index}
      nothing={nothingIn(state, pane, table.nothing)}
    />
  )
}
