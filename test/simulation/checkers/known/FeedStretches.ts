/**
 * What readers of the feed have been told, stretch by stretch: each begins with a first item or a `reset`, and in it nothing
 * may be missing. What was to be told is looked for when a reader has read on for so long that it must have come by then.
 */
import type { FeedItem } from "../../Checker.ts"
import type { Facts } from "../../facts/Facts.ts"

/** How often a server with readers asks the others for their events. */
const askEvery = 10_000
/** How long a server takes at most to tell what has happened, once the store has answered. */
const telling = 2_000

/** Something of which readers are to be told. It happened between two moments, by what has elapsed. */
interface ToTell {
  readonly key: string
  readonly from: number
  readonly until: number
}

/** A part of what a reader has been told by one server. */
interface Stretch {
  readonly server: string
  readonly since: number
  /** When the last page came. */
  readAt: number
  /** When each event was told last. */
  readonly told: Map<string, number>
  /** How much of what is to be told has been looked for. */
  looked: number
}

export class FeedStretches {
  readonly #facts: Facts
  readonly #toTell: Array<ToTell> = []
  readonly #stretches = new Map<string, Stretch>()
  /** Until the other servers have heard that somebody reads. */
  readonly #lead: number
  readonly #way: number
  /** Since when nothing gets lost that a server tells, and none stops between doing and telling; but for those that die. */
  #isHeardSince: number

  constructor(facts: Facts) {
    const { faults, newsDelay, servers, storeDelay } = facts.options
    this.#facts = facts
    this.#lead = servers === 1 ? 0 : askEvery + newsDelay + telling
    this.#way = telling + newsDelay + 2 * storeDelay
    const isLossy = faults.storeAfter > 0 || (servers > 1 && faults.newsLost > 0)
    this.#isHeardSince = isLossy ? Infinity : -Infinity
  }

  /** This has happened now, or since a moment by what has elapsed: of that readers are to be told. */
  toTell(key: string, from = this.#facts.elapsed()): void {
    this.#toTell.push({ key, from, until: this.#facts.elapsed() })
  }

  /** Hears of an item with its key, if it has one: says what the reader should have been told before, and was not. */
  told({ id, name, reader }: FeedItem, key: string | null): string | undefined {
    const now = this.#facts.elapsed()
    const [server = ""] = id.split(".")
    const known = this.#stretches.get(reader)
    if (name === "reset" || known?.server !== server) {
      const begun = { server, since: now, readAt: now, told: new Map(), looked: this.#toTell.length }
      this.#stretches.set(reader, begun)
      return undefined
    }
    const missed = known.readAt === now ? undefined : this.#missedIn(known)
    known.readAt = now
    if (key !== null) known.told.set(key, now)
    return missed
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    if (this.#isHeardSince === Infinity) this.#isHeardSince = this.#facts.elapsed()
  }

  #missedIn(stretch: Stretch): string | undefined {
    const { readAt, since, told } = stretch
    const quietSince = Math.max(
      this.#isHeardSince,
      this.#facts.elapsed() - this.#facts.delays.lateness(-Infinity),
      since
    )
    let next = this.#toTell[stretch.looked]
    while (next !== undefined && next.until + this.#way < readAt) {
      stretch.looked += 1
      const { from, key } = next
      if (from - this.#lead > quietSince && (told.get(key) ?? -Infinity) < from) return key
      next = this.#toTell[stretch.looked]
    }
    return undefined
  }
}
