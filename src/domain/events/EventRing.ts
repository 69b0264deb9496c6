/**
 * Ring buffer of the latest events, shared by all readers of this server. A reader is only a position in it, so that a slow one
 * costs no memory.
 */
import type { Subject } from "./EventFilter.ts"

/** The number of events that are kept. */
export const mostEvents = 8_192
/** The number of characters of event data that are kept. */
export const mostCharacters = 4 * 1_048_576

export interface RingEntry {
  /** Null for what concerns every reader. */
  readonly subject: Subject | null
  readonly name: string
  /** As JSON. */
  readonly data: string
}

export interface EventRing {
  /** The number of the oldest event that is kept. */
  readonly first: () => number
  /** The number that the next event will have. */
  readonly next: () => number
  readonly at: (number: number) => RingEntry | undefined
  readonly add: (entry: RingEntry) => void
  /** Drops all events and skips one number, so that every reader that goes on finds that something is missing. */
  readonly clear: () => void
}

/** An empty ring. Numbers begin with 1. */
export const make = (): EventRing => {
  let entries: Array<RingEntry | undefined> = []
  let first = 1
  let next = 1
  let characters = 0

  const drop = () => {
    const place = first % mostEvents
    characters -= entries[place]?.data.length ?? 0
    entries[place] = undefined
    first += 1
  }

  return {
    first: () => first,
    next: () => next,
    at: (number) => (number >= first && number < next ? entries[number % mostEvents] : undefined),
    add: (entry) => {
      characters += entry.data.length
      while (next - first >= mostEvents || (characters > mostCharacters && first < next)) drop()
      entries[next % mostEvents] = entry
      next += 1
    },
    clear: () => {
      entries = []
      characters = 0
      next += 1
      first = next
    }
  }
}
