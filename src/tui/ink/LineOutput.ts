/**
 * What is built draws by this instead of Ink's own `Output`, which takes the screen apart into an object for each of its cells,
 * 5 MB a frame, for boxes that lie over others or cut them off. Here nothing does: the texts of a row stand beside each other.
 */
import { stripVTControlCharacters } from "node:util"
import { columnsOf } from "../../text/columns.ts"

interface Piece {
  readonly x: number
  readonly text: string
}

type Transformer = (line: string, place: number) => string

const endOf = ({ text, x }: Piece): number => x + columnsOf(stripVTControlCharacters(text))

const rowOf = (pieces: ReadonlyArray<Piece>): string => {
  let row = ""
  let last: Piece | undefined
  for (const piece of pieces) {
    const end = last === undefined ? 0 : endOf(last)
    row += " ".repeat(Math.max(0, piece.x - end)) + piece.text
    last = piece
  }
  return row.trimEnd()
}

/** Collects the texts of a frame, in the form that Ink expects. */
export default class LineOutput {
  readonly height: number
  readonly #rows: ReadonlyArray<Array<Piece>>

  constructor({ height }: { readonly width: number; readonly height: number }) {
    this.height = height
    this.#rows = Array.from({ length: height }, () => [])
  }

  write(
    x: number,
    y: number,
    text: string,
    { transformers }: { readonly transformers: ReadonlyArray<Transformer> }
  ): void {
    if (text === "") return
    text.split("\n").forEach((line, place) => {
      // What is below the screen is not seen.
      this.#rows[y + place]?.push({
        x,
        text: transformers.reduce((changed, transform) => transform(changed, place), line)
      })
    })
  }

  clip(): never {
    throw new Error("no box of the dashboard cuts off what is in it")
  }

  get(): { readonly output: string; readonly height: number } {
    return { output: this.#rows.map(rowOf).join("\n"), height: this.height }
  }
}
