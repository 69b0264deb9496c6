/** Text as a terminal shows it: how wide it is, cut to fit, and rid of what would move the cursor. */
import { stripVTControlCharacters } from "node:util"

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Whether each character takes one column and does nothing else. */
export const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

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
export const startOf = (text: string, columns: number): string => {
  if (isAscii(text)) return text.slice(0, Math.max(0, columns))
  let taken = ""
  let left = columns
  for (const { segment } of segmenter.segment(text)) {
    left -= columnsOfGrapheme(segment)
    if (left < 0) break
    taken += segment
  }
  return taken
}

/** The text if it fits, or as much of its beginning as there is room for before the sign that it was cut. */
export const cutTo = (text: string, columns: number, sign = "…"): string => {
  if (columnsOf(text) <= columns) return text
  return columns < 1 ? "" : startOf(text, columns - 1) + sign
}

/** A text from somewhere else as part of a line: nothing in it moves the cursor, or does worse. */
export const toLine = (text: string): string =>
  isAscii(text)
    ? text
    : stripVTControlCharacters(text)
        .replace(/\t/g, "  ")
        .replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, " ")
        .toWellFormed()
