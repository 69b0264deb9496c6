/** Bugs that are planted in the text of the domain, as somebody might have written it: a part of a source is another. */
import type { Planted } from "./Bug.ts"

export interface SourceBug extends Planted {
  /** The file, from `src/` on. */
  readonly file: string
  /** What is there, and what is there instead. Each must be there once. */
  readonly edits: ReadonlyArray<readonly [is: string, becomes: string]>
}

/** The source with the bug in it. */
export const plant = ({ edits, file, name }: SourceBug, source: string): string =>
  edits.reduce((text, [is, becomes]) => {
    if (text.split(is).length !== 2) throw new Error(`"${name}" has no place in ${file} any more: ${is}`)
    return text.replace(is, () => becomes)
  }, source)
