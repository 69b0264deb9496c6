/** Splits a batch into chunks that are small enough for one statement each. */

/** How much of a statement an item takes. */
export interface Load {
  readonly rows: number
  readonly characters: number
}

/** The most that goes into one statement. An item is never split, so that a single one may exceed this. */
const largestStatement: Load = { rows: 2_000, characters: 8 * 1024 * 1024 }

/** The items, in their order, in as few chunks as their loads allow. */
export const chunksOf = <A>(
  items: Iterable<A>,
  loadOf: (item: A) => Load
): ReadonlyArray<ReadonlyArray<A>> => {
  const chunks: Array<Array<A>> = []
  let room: Load = { rows: 0, characters: 0 }
  for (const item of items) {
    const load = loadOf(item)
    const chunk = chunks.at(-1)
    if (chunk === undefined || room.rows < load.rows || room.characters < load.characters) {
      chunks.push([item])
      room = largestStatement
    } else {
      chunk.push(item)
    }
    room = { rows: room.rows - load.rows, characters: room.characters - load.characters }
  }
  return chunks
}
