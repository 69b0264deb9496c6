/** A table: the titles of its columns, and as many of its rows as there is room for, around the selected one. */
import { Text } from "ink"
import { cut, fit, printable } from "../look/text.ts"
import type { Pane } from "../state/Place.ts"
import { type FittedColumn, fitColumns, gap } from "../tables/fitColumns.ts"
import { positionOf, rangeOf } from "../tables/rows.ts"
import { type Row, type Table, textOf } from "../tables/Table.ts"
import { Spans } from "./LineOfText.tsx"
import { Tinted, useLook } from "./LookContext.tsx"

/** The sign of the selected row, and that of a marked one. */
const signColumns = 2
const between = " ".repeat(gap)

const Titles = ({ fitted, pane }: { readonly fitted: ReadonlyArray<FittedColumn>; readonly pane: Pane }) => {
  const look = useLook()
  const titleOf = ({ column: { align = "left", name, title }, width }: FittedColumn): string => {
    if (pane.sort?.column !== name) return fit(title, width, look, { align })
    const sign = pane.sort.isReversed ? look.glyphs.descending : look.glyphs.ascending
    return fit(cut(title, width - 1, look) + sign, width, look, { align })
  }
  return (
    <Text wrap="truncate-end">
      {" ".repeat(signColumns)}
      {fitted.map((each, place) => (
        <Tinted key={each.column.name} tone={pane.sort?.column === each.column.name ? "key" : "strong"}>
          {(place === 0 ? "" : between) + titleOf(each)}
        </Tinted>
      ))}
    </Text>
  )
}

const RowOfTable = ({
  fitted,
  isFocused,
  isMarked,
  isSelected,
  row
}: {
  readonly row: Row
  readonly fitted: ReadonlyArray<FittedColumn>
  readonly isSelected: boolean
  readonly isMarked: boolean
  readonly isFocused: boolean
}) => {
  const look = useLook()
  const { marked, selected } = look.glyphs
  const cells = fitted.map(({ column, width }) => ({
    name: column.name,
    text: fit(printable(textOf(row, column.name), look), width, look, {
      align: column.align ?? "left",
      keep: column.keep ?? "start"
    })
  }))
  const signs = (isSelected ? selected : " ") + (isMarked ? marked : " ")
  if (isSelected && isFocused) {
    return (
      <Text wrap="truncate-end" inverse>
        {signs + cells.map(({ text }) => text).join(between)}
      </Text>
    )
  }
  const spans = cells.map(({ name, text }, place) => ({
    text: (place === 0 ? "" : between) + text,
    tone: isMarked ? ("strong" as const) : row.fields[name]?.tone
  }))
  return <Spans line={[{ text: signs, tone: "key" }, ...spans]} />
}

export const TableView = ({
  columns,
  height,
  isFocused,
  isPrinted = false,
  nothing,
  pane,
  rows,
  table
}: {
  readonly table: Table
  readonly rows: ReadonlyArray<Row>
  readonly pane: Pane
  readonly columns: number
  /** How many rows are shown. */
  readonly height: number
  readonly isFocused: boolean
  /** What is said if there are no rows. */
  readonly nothing: string
  /** Whether nobody moves through it. */
  readonly isPrinted?: boolean
}) => {
  const look = useLook()
  const position = positionOf(rows, pane)
  // The selected row stays in the middle while the others move past it.
  const first = Math.max(0, Math.min(position - Math.floor(height / 2), rows.length - height))
  const shown = rows.slice(first, first + height)
  const fitted = fitColumns(table.columns, shown, columns - signColumns)
  const range = rangeOf(rows, pane)
  const empty = Array.from({ length: Math.max(0, height - Math.max(1, shown.length)) }, (_, place) => place)
  return (
    <>
      <Titles fitted={fitted} pane={pane} />
      {shown.length === 0 ? (
        <Text wrap="truncate-end">
          <Tinted tone="quiet">{`  ${fit(nothing, columns - signColumns, look)}`}</Tinted>
        </Text>
      ) : null}
      {shown.map((row, place) => (
        <RowOfTable
          key={row.key}
          row={row}
          fitted={fitted}
          isSelected={!isPrinted && first + place === position}
          isMarked={pane.marks.has(row.key) || range.has(row.key)}
          isFocused={isFocused}
        />
      ))}
      {empty.map((place) => (
        <Text key={`empty ${place}`}> </Text>
      ))}
    </>
  )
}
