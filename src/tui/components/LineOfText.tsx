/** One line of the screen, cut to its width. */
import { Text } from "ink"
import { cut } from "../look/text.ts"
import { columnsOf } from "../../text/columns.ts"
import type { Line } from "../state/lines.ts"
import { Tinted, useLook } from "./LookContext.tsx"

export const LineOfText = ({ columns, line }: { readonly line: Line; readonly columns: number }) => {
  const look = useLook()
  let left = columns
  return (
    <Text wrap="truncate-end">
      {line.map(({ text, tone }, place) => {
        const short = cut(text, left, look)
        left -= columnsOf(short)
        return (
          <Tinted key={place} tone={tone}>
            {short}
          </Tinted>
        )
      })}
    </Text>
  )
}

/** So many lines, those that are missing left empty. */
export const Lines = ({
  columns,
  height,
  lines
}: {
  readonly lines: ReadonlyArray<Line>
  readonly columns: number
  readonly height: number
}) =>
  Array.from({ length: height }, (_, place) => (
    <LineOfText key={place} line={lines[place] ?? [{ text: " " }]} columns={columns} />
  ))
