/** Exchanges events between the feeds of the servers: a server with readers asks for them, and the others send theirs. */
import { Duration, Effect, type Latch } from "effect"
import type { BossEventJson } from "./BossEvent.ts"
import { Deadlines } from "../Deadlines.ts"
import { EventHub } from "./EventHub.ts"
import { anything, noNews, Peers } from "./Peers.ts"

/** How often a server that keeps events asks the others for theirs. */
const askEvery = Duration.seconds(10)
/** How long a server sends its events after it was last asked. */
const askedFor = Duration.seconds(30)
/** At most this many events are sent at a time. Of more, it is only said that there were more. */
export const mostSent = 200

export interface Feed {
  /** Open while this server's events are kept. */
  readonly isKept: Latch.Latch
  /** Events of another server. */
  readonly hear: (events: ReadonlyArray<BossEventJson>) => void
  /** Events of another server may not have been heard. */
  readonly miss: () => void
}

export const make = Effect.fnUntraced(function* ({ hear, isKept, miss }: Feed) {
  const hub = yield* EventHub
  const peers = yield* Peers
  const deadlines = yield* Deadlines
  let areReading = false
  let stopWaiting = () => {}
  let unsent: Array<BossEventJson> = []
  let areTooMany = false

  yield* hub.listenToPeers((news) => {
    if (news === anything) return miss()
    if (news.missedEvents) miss()
    if (news.events.length > 0) hear(news.events)
    if (!news.wantsEvents) return
    areReading = true
    stopWaiting()
    stopWaiting = deadlines.set(askedFor, () => {
      areReading = false
    })
  })

  const ask = Effect.gen(function* () {
    yield* isKept.await
    yield* peers.tell({ ...noNews, wantsEvents: true })
    yield* Effect.sleep(askEvery)
  })
  yield* Effect.forkScoped(Effect.forever(ask))

  return {
    /** Whether another server wants this one's events. */
    areReading: () => areReading,
    /** Takes an event to be sent. */
    add: (event: BossEventJson) => {
      if (unsent.length < mostSent) unsent.push(event)
      else areTooMany = true
    },
    /** Sends what was taken. */
    send: Effect.suspend(() => {
      if (unsent.length === 0) return Effect.void
      const news = { ...noNews, events: unsent, missedEvents: areTooMany }
      unsent = []
      areTooMany = false
      return peers.tell(news)
    })
  }
})
