/** Text as a terminal shows it: how wide it is, cut to fit, and rid of what would move the cursor. */
import { stripVTControlCharacters } from "node:util"
import type { Look } from "./Look.ts"

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

// The blocks of Unicode whose characters take two columns, beside emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b16f}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u

const columnsOfGrapheme = (grapheme: string): number => {
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u.test(grapheme)) return 0
  return wide.test(grapheme) || /\p{Emoji_Presentation}|\ufe0f/u.test(grapheme) ? 2 : 1
}

/** How many columns a text takes. */
export const columnsOf = (text: string): number => {
  if (isAscii(text)) return text.length
  let columns = 0
  for (const { segment } of segmenter.segment(text)) columns += columnsOfGrapheme(segment)
  return columns
}

/** The beginning of a text, as much as fits. */
const startOf = (text: string, columns: number): string => {
  if (isAscii(text)) return text.slice(0, columns)
  let taken = ""
  let left = columns
  for (const { segment } of segmenter.segment(text)) {
    left -= columnsOfGrapheme(segment)
    if (left < 0) break
    taken += segment
  }
  return taken
}

/** Whether the beginning or the end of a text that is too long is kept. */
export type Keep = "start" | "end"

/** The text if it fits, or as much of it as fits beside a sign that it was cut. */
export const cut = (text: string, columns: number, { glyphs }: Look, keep: Keep = "start"): string => {
  if (columnsOf(text) <= columns) return text
  if (columns <= 0) return ""
  return keep === "start"
    ? startOf(text, columns - 1) + glyphs.ellipsis
    : // What is cut at its beginning are ids and other names, of one column a character.
      glyphs.ellipsis + text.slice(text.length - columns + 1)
}

/** Exactly so many columns: cut, or filled up with spaces. */
export const fit = (
  text: string,
  columns: number,
  look: Look,
  { align = "left", keep = "start" }: { readonly align?: "left" | "right"; readonly keep?: Keep } = {}
): string => {
  const short = cut(text, columns, look, keep)
  const filling = " ".repeat(Math.max(0, columns - columnsOf(short)))
  return align === "left" ? short + filling : filling + short
}

/** The text without anything that a terminal would take for a command, in the characters that it can show. */
export const printable = (text: string, { isUnicode }: Look): string => {
  if (isAscii(text)) return text
  const tame = stripVTControlCharacters(text)
    .replace(/\t/g, "  ")
    .replace(/[\p{Cc}\p{Bidi_Control}]+/gu, " ")
  return isUnicode
    ? tame.toWellFormed()
    : tame
        .normalize("NFKD")
        .replace(/\p{Mark}+/gu, "")
        .replace(/[^\x20-\x7e]/gu, "?")
}

/** The text in lines that fit, broken between words where there are any. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    let rest = word
    const joined = line === "" ? rest : `${line} ${rest}`
    if (columnsOf(joined) <= columns) {
      line = joined
      continue
    }
    if (line !== "") lines.push(line)
    while (columnsOf(rest) > columns) {
      const head = startOf(rest, columns) || rest.slice(0, 1)
      lines.push(head)
      rest = rest.slice(head.length)
    }
    line = rest
  }
  return [...lines, line]
}
