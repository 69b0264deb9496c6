/** What went wrong with an attempt, as a part of a sentence. */
import { inShort } from "./events/eventsOf.ts"
import type { JsonValue } from "./Json.ts"

/** Longer errors are cut to this many characters. The attempt keeps the whole. */
const longest = 200

// What breaks a line, or moves a terminal's cursor. Spaces that follow one another are one.
const breaks = /[\s\p{Cc}]+/gu

/** An error on one line, of bounded length; null if it says nothing. */
export const errorInLine = (error: JsonValue): string | null => {
  const line = (inShort(error) ?? "").replace(breaks, " ").trim()
  if (line === "") return null
  return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed()}…`
}
