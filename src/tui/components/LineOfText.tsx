/** One line of the screen, cut to its width. */
import { Text } from "ink"
import { memo } from "react"
import { cut } from "../look/text.ts"
import { columnsOf } from "../../text/columns.ts"
import type { Line, Span } from "../state/lines.ts"
import { Tinted, useLook } from "./LookContext.tsx"

// Each piece costs in each frame: those that look alike are one.
const merged = (line: Line): Line =>
  line.reduce<ReadonlyArray<Span>>((pieces, { text, tone = "plain" }) => {
    const last = pieces.at(-1)
    return last !== undefined && (last.tone === tone || text.trim() === "")
      ? [...pieces.slice(0, -1), { text: last.text + text, tone: last.tone }]
      : [...pieces, { text, tone }]
  }, [])

// What is empty at the end of a line costs as well; a line of nothing would be none.
const withoutEnd = (line: Line): Line => {
  const last = line.at(-1)
  if (last === undefined) return [{ text: " " }]
  const before = line.slice(0, -1)
  const text = last.text.trimEnd()
  return text === "" ? withoutEnd(before) : [...before, { ...last, text }]
}

const isSame = (one: Line, other: Line): boolean =>
  one.length === other.length &&
  one.every(({ text, tone }, place) => text === other[place]?.text && tone === other[place].tone)

// Most lines are the same as in the frame before.
const Pieces = memo(
  ({ line }: { readonly line: Line }) => (
    <Text wrap="truncate-end">
      {line.map(({ text, tone }, place) =>
        tone === "plain" ? (
          text
        ) : (
          <Tinted key={place} tone={tone}>
            {text}
          </Tinted>
        )
      )}
    </Text>
  ),
  (before, after) => isSame(before.line, after.line)
)

/** One line of the screen that fits. */
export const Spans = ({ line }: { readonly line: Line }) => <Pieces line={withoutEnd(merged(line))} />

export const LineOfText = ({ columns, line }: { readonly line: Line; readonly columns: number }) => {
  const look = useLook()
  let left = columns
  const short = line.map(({ text, tone }) => {
    const shown = cut(text, left, look)
    left -= columnsOf(shown)
    return { text: shown, tone }
  })
  return <Spans line={short} />
}

/** A fixed number of lines; those that are missing are left empty. */
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
