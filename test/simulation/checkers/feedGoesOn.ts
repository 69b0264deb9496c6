/**
 * Readers of the feed go on where they were: no number is left out, for they want to hear of everything, and who goes on
 * after an item that the server does not know is told so by a `reset`.
 */
import type { CheckerMaker } from "../Checker.ts"

/** Where a reader is: at a server, after the item of a number. */
interface Place {
  readonly server: string
  readonly number: number
}

const placeOf = (id: string): Place => {
  const [server = "", number] = id.split(".")
  return { server, number: Number(number) }
}

export const feedGoesOn: CheckerMaker = {
  name: "readers of the feed go on where they were",
  make: (_, violated) => {
    const places = new Map<string, Place | null>()
    return {
      saw: (sighting) => {
        if (sighting._tag === "FeedBegan") {
          const { after, reader } = sighting
          places.set(reader, after === null ? null : placeOf(after))
        }
        if (sighting._tag !== "FeedItem") return
        const { id, name, reader } = sighting
        const last = places.get(reader) ?? null
        const place = placeOf(id)
        places.set(reader, place)
        if (last === null || name === "reset") return
        if (last.server !== place.server)
          return violated(`${reader} got ${name} ${id} after one of another server, and no reset`)
        // The stats have no number of their own.
        const expected = name === "stats" ? last.number : last.number + 1
        if (place.number !== expected) violated(`${reader} got ${name} ${id} after ${last.number}`)
      }
    }
  }
}
