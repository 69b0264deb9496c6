/** One reader of the feed: a place in the ring of events, and the pages that are taken from there on. */
import { Option } from "effect"
import { type EventFilter, wanted } from "./EventFilter.ts"
import type { EventRing } from "./EventRing.ts"

/** A reader takes so many characters at a time, and the event that exceeds it. */
const largestPage = 16_384

/** Something that a reader is told: an event, `stats`, or `reset` where events are missing. */
export interface FeedItem {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** The latest snapshot: JSON, and which one it is. Null while there is none. */
export interface LatestSnapshot {
  readonly number: number
  readonly data: string | null
}

/** What all readers of a server have in common. */
export interface Source {
  /** Tells the ids of this server from those of any other: 12 hexadecimal digits. */
  readonly server: string
  readonly ring: EventRing
  readonly stats: () => LatestSnapshot
  /** The data of a `reset`. */
  readonly reset: () => string
}

/** The place after the item with this id; null if this server has told none of that id. */
const placeAfter = ({ ring, server }: Source, id: string): number | null => {
  const [, ofServer, number] = /^([0-9a-f]{12})\.(\d{1,15})$/.exec(id) ?? []
  const next = Number(number) + 1
  return ofServer === server && next <= ring.next() ? next : null
}

/**
 * Makes a reader that begins after the item with the id `after`, or with what comes next. The effect of a call is to take a
 * page: what there is now, which may be nothing.
 */
export const make = (
  source: Source,
  filter: EventFilter,
  after: Option.Option<string>
): (() => ReadonlyArray<FeedItem>) => {
  const { reset, ring, server, stats } = source
  const isWanted = wanted(filter)
  let place = Option.match(after, { onNone: ring.next, onSome: (id) => placeAfter(source, id) })
  let statsTold = 0

  const idBefore = (next: number) => `${server}.${next - 1}`

  return () => {
    const page: Array<FeedItem> = []
    let next = place ?? 0
    if (next < ring.first()) {
      next = ring.next()
      page.push({ id: idBefore(next), event: "reset", data: reset() })
    }
    let characters = 0
    while (characters < largestPage) {
      const entry = ring.at(next)
      if (entry === undefined) break
      next += 1
      if (entry.subject === null || isWanted(entry.subject)) {
        page.push({ id: idBefore(next), event: entry.name, data: entry.data })
        characters += entry.data.length
      }
    }
    const { data, number } = stats()
    if (data !== null && number > statsTold) {
      statsTold = number
      page.push({ id: idBefore(next), event: "stats", data })
    }
    place = next
    return page
  }
}
