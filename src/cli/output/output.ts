/** Writing what people and programs read: tables on standard output, remarks on standard error. */
import { styleText } from "node:util"
import { Console, Effect, type Schema, Stdio, Stream } from "effect"
import { layOut, layOutFields, type Cell, type Column, type TableOptions, type Tone } from "./table.ts"

const colours = { good: "green", bad: "red", busy: "yellow", quiet: "dim" } as const

// It knows by itself of NO_COLOR, of FORCE_COLOR and of terminals without colours.
const paint = (text: string, tone: Tone): string => styleText(colours[tone], text, { stream: process.stdout })

const optionsNow = (): TableOptions => ({
  width: process.stdout.isTTY ? process.stdout.columns : null,
  paint
})

const writeLines = (lines: ReadonlyArray<string>) => Console.log(lines.join("\n"))

/** Whether standard output is read by a person now. */
export const isWatched = (): boolean => process.stdout.isTTY

/** Writes a table. Where there are no rows, a remark says so, and programs read nothing. */
export const writeTable = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  ifNone: string
) =>
  Effect.suspend(() =>
    rows.length === 0 ? Console.error(ifNone) : writeLines(layOut(columns, rows, optionsNow()))
  )

/** Writes what is known of one thing. What is null is left out. */
export const writeFields = (fields: ReadonlyArray<readonly [string, string | Cell | null]>) =>
  Effect.suspend(() =>
    writeLines(
      layOutFields(
        fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
        optionsNow()
      )
    )
  )

/** Writes one JSON document, or one of many that follow each other, a line each. */
export const writeJson = (value: Schema.Json) => Console.log(JSON.stringify(value))

/** Says something to the person at the terminal that no program should read. */
export const remark = (text: string) => Console.error(text)

/** Writes text as it is. */
export const writeRaw = Effect.fnUntraced(function* (text: string) {
  const { stdout } = yield* Stdio.Stdio
  // It is written to again. That nobody reads it any more ends the program.
  yield* Effect.ignore(Stream.run(Stream.make(text), stdout({ endOnDone: false })))
})
