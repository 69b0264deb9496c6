/**
 * What a program says of its work: lines of its output that begin with `::` and are understood are progress
 * (`::percent 33`, `::message resizing`, `::checkpoint {"page": 7}`), everything else is its log.
 */
import { Option, Schema } from "effect"
import { deepestNesting, isNestedWithin, type JsonValue } from "../../domain/Json.ts"

/** Something that a program said. */
export type Said =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Percent"; readonly percent: number }
  | { readonly _tag: "Message"; readonly text: string }
  | { readonly _tag: "Checkpoint"; readonly value: JsonValue }

/** The most characters of a line of progress. A longer line is part of the log. */
export const longestLine = 1_048_576

/** Reads the output of a program as it comes. */
export interface LineReader {
  /** What is said by some more output. The beginning of a line is not held back, unless it may be progress. */
  readonly read: (output: string) => ReadonlyArray<Said>
  /** What is left when the output has ended. */
  readonly end: () => ReadonlyArray<Said>
  /** Of the lines that belong to the log. */
  readonly lastLine: () => { readonly text: string | null; readonly isTooLong: boolean }
}

const readJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json))

const readCheckpoint = (text: string): Said | null =>
  Option.match(readJson(text), {
    onNone: () => null,
    onSome: (value) => (isNestedWithin(value, deepestNesting) ? { _tag: "Checkpoint", value } : null)
  })

const readPercent = (text: string): Said | null =>
  /^\d{1,3}(?:\.\d+)?%?$/.test(text) && parseFloat(text) <= 100
    ? { _tag: "Percent", percent: parseFloat(text) }
    : null

/** What a line without its end says of progress; null if it is none. */
const readLine = (line: string): Said | null => {
  const [, command, rest = ""] = /^::(percent|message|checkpoint)(?:\s+(.*?))?\s*$/s.exec(line) ?? []
  switch (command) {
    case "percent":
      return readPercent(rest)
    case "message":
      return { _tag: "Message", text: rest }
    case "checkpoint":
      return readCheckpoint(rest)
    default:
      return null
  }
}

const mayBeProgress = (beginning: string): boolean =>
  beginning.length <= longestLine && (beginning === ":" || beginning.startsWith("::"))

/** Makes the reader of one stream of output. It keeps no more than a line. */
export const make = (): LineReader => {
  // The beginning of the line that is being read: held back, or told already and kept as what may be the last line.
  let heldBack = ""
  let told = ""
  let isTooLong = false
  let last: { text: string | null; isTooLong: boolean } = { text: null, isTooLong: false }

  const keep = (text: string) => {
    isTooLong ||= told.length + text.length > longestLine
    told = isTooLong ? "" : told + text
  }

  const endLine = () => {
    const text = told.trimEnd()
    if (isTooLong) last = { text: null, isTooLong }
    else if (text.trim() !== "") last = { text, isTooLong }
    told = ""
    isTooLong = false
  }

  // A piece of a line, with its line break if it has one.
  const readPiece = (piece: string): Said => {
    const isWhole = piece.endsWith("\n")
    const line = isWhole ? piece.slice(0, -1) : piece
    const isFromItsBeginning = told === "" && !isTooLong
    const said = isFromItsBeginning && line.length <= longestLine ? readLine(line) : null
    if (said !== null) return said
    keep(line)
    if (isWhole) endLine()
    return { _tag: "Text", text: piece }
  }

  // Pieces of the log that follow each other are told as one.
  const join = (all: ReadonlyArray<Said>): ReadonlyArray<Said> => {
    const joined: Array<Said> = []
    let texts: Array<string> = []
    const flush = () => {
      if (texts.length > 0) joined.push({ _tag: "Text", text: texts.join("") })
      texts = []
    }
    for (const said of all) {
      if (said._tag === "Text") texts.push(said.text)
      else {
        flush()
        joined.push(said)
      }
    }
    flush()
    return joined
  }

  return {
    read: (output) => {
      const pieces = (heldBack + output).match(/[^\n]*\n|[^\n]+$/g) ?? []
      const unfinished = pieces.at(-1) ?? ""
      const isHeldBack =
        !unfinished.endsWith("\n") &&
        (pieces.length > 1 || (told === "" && !isTooLong)) &&
        mayBeProgress(unfinished)
      heldBack = isHeldBack ? unfinished : ""
      return join((isHeldBack ? pieces.slice(0, -1) : pieces).map(readPiece))
    },
    end: () => {
      const rest = heldBack === "" ? [] : [readPiece(heldBack)]
      heldBack = ""
      endLine()
      return rest
    },
    lastLine: () => last
  }
}
