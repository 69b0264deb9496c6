/** Text cut and filled up to fit, in the characters that the terminal can show. */
import { columnsOf, cutTo, isAscii, startOf, toLine } from "../../text/columns.ts"
import type { Look } from "./Look.ts"

/** Whether the beginning or the end of a text that is too long is kept. */
export type Keep = "start" | "end"

/** The text if it fits, or as much of it as fits beside a sign that it was cut. */
export const cut = (text: string, columns: number, { glyphs }: Look, keep: Keep = "start"): string => {
  if (keep === "start" || columns < 1) return cutTo(text, columns, glyphs.ellipsis)
  // What is cut at its beginning are ids and other names, of one column a character.
  return columnsOf(text) <= columns ? text : glyphs.ellipsis + text.slice(text.length - columns + 1)
}

/** The text at exactly this width, in columns: cut, or filled up with spaces. */
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
  const line = toLine(text)
  return isUnicode
    ? line
    : line
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
