/** Tables for people: aligned columns, in which a row is a line that fits the terminal. */
import { columnsOf, cutTo, toLine } from "../../text/columns.ts"

/** How a cell is to be told apart, beside its words. */
export type Tone = "good" | "bad" | "busy" | "quiet"

export interface Cell {
  readonly text: string
  readonly tone?: Tone | undefined
}

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string | Cell
  /** Numbers stand with their ends below each other. */
  readonly isNumber?: boolean
  /** Made narrower where the terminal is too narrow for all. */
  readonly mayShrink?: boolean
}

export interface TableOptions {
  /** The columns of the terminal; null where nobody reads it on one. */
  readonly width: number | null
  readonly paint: (text: string, tone: Tone) => string
}

const gap = "  "
const narrowest = 6

// Nothing is painted after the end of a line.
const textOf = (text: string): string => toLine(text).trimEnd()

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

// The widest of those that may shrink gives way, until all fit or none can.
const fit = (wanted: ReadonlyArray<number>, mayShrink: ReadonlyArray<boolean>, room: number) => {
  const widths = [...wanted]
  while (sum(widths) > room) {
    const widest = Math.max(0, ...widths.filter((_, index) => mayShrink[index] === true))
    if (widest <= narrowest) break
    widths[widths.findIndex((width, index) => mayShrink[index] === true && width === widest)] = widest - 1
  }
  return widths
}

/** The lines of a table. */
export const layOut = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  { paint, width }: TableOptions
): ReadonlyArray<string> => {
  const toCell = (value: string | Cell): Cell =>
    typeof value === "string" ? { text: textOf(value) } : { ...value, text: textOf(value.text) }
  const titles = columns.map(({ title }): Cell => ({ text: title, tone: "quiet" }))
  const table = [titles, ...rows.map((row) => columns.map(({ cell }) => toCell(cell(row))))]
  const wanted = columns.map((_, index) =>
    Math.max(...table.map((cells) => columnsOf(cells[index]?.text ?? "")))
  )
  const room = width === null ? Infinity : width - gap.length * (columns.length - 1)
  const widths = fit(
    wanted,
    columns.map(({ mayShrink = false }) => mayShrink),
    room
  )

  const write = (cells: ReadonlyArray<Cell>): string => {
    let left = width ?? Infinity
    return cells
      .flatMap(({ text, tone }, index) => {
        const shown = cutTo(cutTo(text, widths[index] ?? 0), left)
        const padding = " ".repeat(Math.max(0, Math.min(widths[index] ?? 0, left) - columnsOf(shown)))
        left -= (widths[index] ?? 0) + gap.length
        if (shown === "" && left < 0) return []
        const painted = tone === undefined ? shown : paint(shown, tone)
        return [columns[index]?.isNumber === true ? padding + painted : painted + padding]
      })
      .join(gap)
      .trimEnd()
  }
  return table.map(write)
}

/** The lines of what is known of one thing: names on the left, values on the right. */
export const layOutFields = (
  fields: ReadonlyArray<readonly [name: string, value: string | Cell]>,
  options: TableOptions
): ReadonlyArray<string> =>
  layOut(
    [
      { title: "", cell: ([name]: (typeof fields)[number]) => ({ text: name, tone: "quiet" }) },
      { title: "", cell: ([, value]: (typeof fields)[number]) => value, mayShrink: true }
    ],
    fields,
    options
  ).slice(1)
