/** Which columns there is room for, and how wide each is. */
import { columnsOf } from "../../text/columns.ts"
import { type Column, type Row, textOf } from "./Table.ts"

export interface FittedColumn {
  readonly column: Column
  readonly width: number
}

/** Spaces between two columns. */
export const gap = 2

const leastOf = ({ least, title }: Column): number => Math.max(least, columnsOf(title))

const needOf = (column: Column, rows: ReadonlyArray<Row>): number => {
  let need = leastOf(column)
  for (const row of rows) need = Math.max(need, columnsOf(textOf(row, column.name)))
  return Math.max(leastOf(column), Math.min(column.most, need))
}

/**
 * Takes columns by their worth as long as they fit at their least, then gives each what its rows need, again by worth, and
 * what is left to the last one.
 */
export const fitColumns = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<Row>,
  width: number
): ReadonlyArray<FittedColumn> => {
  const byWorth = columns.toSorted((one, other) => other.worth - one.worth)
  const widths = new Map<string, number>()
  let left = width + gap
  for (const column of byWorth) {
    const least = leastOf(column)
    if (least + gap > left) break
    widths.set(column.name, least)
    left -= least + gap
  }
  for (const column of byWorth) {
    const least = widths.get(column.name)
    if (least === undefined) continue
    const more = Math.min(left, needOf(column, rows) - least)
    widths.set(column.name, least + more)
    left -= more
  }
  const shown = columns.filter(({ name }) => widths.has(name))
  return shown.map((column, place) => ({
    column,
    width:
      (widths.get(column.name) ?? 0) + (place === shown.length - 1 && column.align !== "right" ? left : 0)
  }))
}
