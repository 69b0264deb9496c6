/** One reader of the feed: a place in the ring of events, and the pages that are taken from there on. */
import { Option } from "effect"
import type { EventFilter } from "./EventFilter.ts"
import type { FeedItem, FeedPages, Source } from "./FeedPages.ts"

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
  pages: FeedPages,
  filter: EventFilter,
  after: Option.Option<string>
): (() => ReadonlyArray<FeedItem>) => {
  const pageFrom = pages.of(filter)
  const next = Option.match(after, { onNone: source.ring.next, onSome: (id) => placeAfter(source, id) })
  // Before the first of all there is nothing: who begins there is told that something is missing.
  let place = { next: next ?? 0, statsTold: 0 }
  return () => {
    const { after, items } = pageFrom(place)
    place = after
    return items
  }
}
