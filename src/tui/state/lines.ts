/** Lines of text whose parts mean something, and facts under their labels. */
import { columnsOf } from "../../text/columns.ts"
import type { Look, Tone } from "../look/Look.ts"
import { printable, wrap } from "../look/text.ts"

/** A part of a line, and what it means. */
export interface Span {
  readonly text: string
  readonly tone?: Tone | undefined
}
export type Line = ReadonlyArray<Span>

const labelColumns = 12

/** The columns beside a label. */
export const besideLabel = (columns: number): number => Math.max(10, columns - labelColumns)

export const labelled = (label: string, ...spans: Line): Line => [
  { text: label.padEnd(labelColumns), tone: "quiet" },
  ...spans
]

/** A fact under its label; of a long one as many lines as it takes. None if there is nothing to say. */
export const fact = (
  label: string,
  text: string,
  columns: number,
  look: Look,
  tone?: Tone
): ReadonlyArray<Line> =>
  text === ""
    ? []
    : wrap(printable(text, look), besideLabel(columns)).map((line, place) =>
        labelled(place === 0 ? label : "", { text: line, tone })
      )

/** Parts of a line, those left out that are false. */
export const joined = ({ glyphs }: Look, ...parts: ReadonlyArray<string | false>): string =>
  parts.filter((part) => part !== false).join(` ${glyphs.between} `)

export const columnsOfLine = (line: Line): number =>
  line.reduce((columns, { text }) => columns + columnsOf(text), 0)
