/** Batches in parts that are small enough for a statement. */

/** What a statement is given. */
export interface Load {
  readonly rows: number
  readonly characters: number
}

/** At most so much goes into one statement. An item is never cut, so that one alone may be larger. */
const largestStatement: Load = { rows: 2_000, characters: 8 * 1024 * 1024 }

/** The items, in their order, in as few parts as their loads allow. */
export const partsOf = <A>(
  items: Iterable<A>,
  loadOf: (item: A) => Load
): ReadonlyArray<ReadonlyArray<A>> => {
  const parts: Array<Array<A>> = []
  let room: Load = { rows: 0, characters: 0 }
  for (const item of items) {
    const load = loadOf(item)
    const part = parts.at(-1)
    if (part === undefined || room.rows < load.rows || room.characters < load.characters) {
      parts.push([item])
      room = largestStatement
    } else {
      part.push(item)
    }
    room = { rows: room.rows - load.rows, characters: room.characters - load.characters }
  }
  return parts
}
