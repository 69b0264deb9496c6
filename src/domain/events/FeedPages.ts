/**
 * The pages of the feed that are taken from the ring of events. Readers who want the same from the same place on share one,
 * however many they are: it is made, and written out, once.
 */
import { type EventFilter, wanted } from "./EventFilter.ts"
import type { EventRing } from "./EventRing.ts"

/** A page ends with the event that makes it exceed this many characters. */
const largestPage = 65_536
/** At most this many pages are cached. All are dropped at once, for most readers take the newest. */
const mostShared = 64

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

/** Where a reader stands: the number of the next event, and which snapshot it was told last. */
export interface Place {
  readonly next: number
  readonly statsTold: number
}

/** What there is from a place on, which may be nothing, and the place after it. */
export interface Page {
  readonly items: ReadonlyArray<FeedItem>
  readonly after: Place
}

export interface FeedPages {
  /** The pages of what a filter lets through. */
  readonly of: (filter: EventFilter) => (place: Place) => Page
}

export const make = ({ reset, ring, server, stats }: Source): FeedPages => {
  const shared = new Map<string, Page>()
  const idBefore = (next: number) => `${server}.${next - 1}`

  const take = (isWanted: ReturnType<typeof wanted>, place: Place): Page => {
    const items: Array<FeedItem> = []
    let { next, statsTold } = place
    if (next < ring.first()) {
      next = ring.next()
      items.push({ id: idBefore(next), event: "reset", data: reset() })
    }
    let characters = 0
    while (characters < largestPage) {
      const entry = ring.at(next)
      if (entry === undefined) break
      next += 1
      if (entry.subject === null || isWanted(entry.subject)) {
        items.push({ id: idBefore(next), event: entry.name, data: entry.data })
        characters += entry.data.length
      }
    }
    const { data, number } = stats()
    if (data !== null && number > statsTold) {
      statsTold = number
      items.push({ id: idBefore(next), event: "stats", data })
    }
    return { items, after: { next, statsTold } }
  }

  return {
    of: (filter) => {
      const isWanted = wanted(filter)
      const { event, project, type, worker } = filter
      const key = JSON.stringify([event, project, type, worker])
      return (place) => {
        // What there is to take is told by where the ring begins and ends, and by the snapshot.
        const state = [place.next, place.statsTold, ring.first(), ring.next(), stats().number].join(" ")
        const known = shared.get(`${state} ${key}`)
        if (known !== undefined) return known
        if (shared.size >= mostShared) shared.clear()
        const page = take(isWanted, place)
        shared.set(`${state} ${key}`, page)
        return page
      }
    }
  }
}
