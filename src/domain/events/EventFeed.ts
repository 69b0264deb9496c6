/**
 * The feed of events: all that the boss does, as it happens, here and on the other servers, for supervisors who look on.
 * It is free while nobody does: nothing is built or kept then.
 */
import { Clock, Context, Duration, Effect, Latch, Layer, Option, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import type { BossEventJson, NewEvent } from "./BossEvent.ts"
import { Deadlines } from "../Deadlines.ts"
import { formatTime, timeOf } from "../RecentTimes.ts"
import { type EventFilter, type Subject, subjectOf } from "./EventFilter.ts"
import { logEvent } from "./DecisionLog.ts"
import { EventHub } from "./EventHub.ts"
import { eventsOf } from "./eventsOf.ts"
import * as EventRing from "./EventRing.ts"
import * as FeedPeers from "./FeedPeers.ts"
import * as FeedPages from "./FeedPages.ts"
import * as FeedReader from "./FeedReader.ts"
import { makeFailureLog } from "../retryForever.ts"
import { StatsSource } from "../stats/StatsSource.ts"

/** How long events are kept after the last reader has left, for readers whose connection has broken. */
export const keptFor = Duration.minutes(2)
/**
 * For how long events are gathered before waiting readers are woken. It grows with the number of readers, so that many of them
 * take no more of the server's time than a few.
 */
export const gathering = Duration.millis(20)
const gatheringForEach = Duration.millis(2)
const longestGathering = Duration.millis(500)
/** When this part of the ring is new, readers are woken at once, so that a fast reader misses nothing in a burst. */
const partToTell = 1 / 8
/** The time between two snapshots. */
const statsEvery = Duration.seconds(1)

export class EventFeed extends Context.Service<
  EventFeed,
  {
    /** Tells an event to whoever reads, and logs it. */
    readonly tell: (event: NewEvent) => Effect.Effect<void>
    /**
     * Reads on after the item with the id `after`, or from now on: pages of items, of which the first comes as soon as
     * there is anything. Where events are missing there is a `reset`, and it goes on with the newest.
     */
    readonly read: (
      filter: EventFilter,
      after: Option.Option<string>
    ) => Stream.Stream<ReadonlyArray<FeedPages.FeedItem>>
    /** How many read here. */
    readonly reading: Effect.Effect<number>
  }
>()("lazyboss/domain/events/EventFeed") {
  static readonly layer = Layer.effect(
    EventFeed,
    Effect.gen(function* () {
      const hub = yield* EventHub
      const deadlines = yield* Deadlines
      const clock = yield* Clock.Clock
      const { snapshot } = yield* StatsSource
      const random = yield* SecureRandom.SecureRandom
      const ring = EventRing.make()
      const hasReaders = yield* Latch.make(false)
      const isKept = yield* Latch.make(false)
      const isNews = yield* Latch.make(false)
      const isMuch = yield* Latch.make(false)
      let untold = 0
      let news = Latch.makeUnsafe(false)
      let readers = 0
      let stopWaiting = () => {}
      let stats: FeedPages.LatestSnapshot = { number: 0, data: null }
      let isIncomplete = false

      const now = () => formatTime(timeOf(clock.currentTimeMillisUnsafe()))

      const reset = () => JSON.stringify({ at: now() })
      const source: FeedPages.Source = {
        // The last part of it is chance alone.
        server: (yield* random.uuidV7()).slice(-12),
        ring,
        stats: () => stats,
        reset
      }

      const pages = FeedPages.make(source)

      const keep = (subject: Subject | null, name: string, data: string) => {
        ring.add({ subject, name, data })
        isNews.openUnsafe()
        untold += Math.max(1 / EventRing.mostEvents, data.length / EventRing.mostCharacters)
        if (untold >= partToTell) isMuch.openUnsafe()
      }

      const peers = yield* FeedPeers.make({
        isKept,
        hear: (events) => {
          if (!isKept.isOpen()) return
          for (const event of events) keep(subjectOf(event), event.event, JSON.stringify(event))
        },
        miss: () => {
          isIncomplete = isKept.isOpen()
        }
      })

      const add = (event: NewEvent) => {
        const told: BossEventJson = { at: now(), ...event }
        if (isKept.isOpen()) keep(subjectOf(told), told.event, JSON.stringify(told))
        if (peers.areReading()) {
          peers.add(told)
          isNews.openUnsafe()
        }
      }
      const isWanted = () => isKept.isOpen() || peers.areReading()

      const wakeReaders = () => {
        const heard = news
        news = Latch.makeUnsafe(false)
        heard.openUnsafe()
      }

      const tellNews = Effect.gen(function* () {
        yield* isNews.await
        const time = Duration.clamp(Duration.times(gatheringForEach, readers), {
          minimum: gathering,
          maximum: longestGathering
        })
        yield* Effect.raceFirst(Effect.sleep(time), isMuch.await)
        isNews.closeUnsafe()
        isMuch.closeUnsafe()
        untold = 0
        wakeReaders()
        yield* peers.send
      })

      const failures = makeFailureLog("take a snapshot of the stats")
      const tellStats = Effect.gen(function* () {
        yield* hasReaders.await
        yield* snapshot.pipe(
          Effect.tap(failures.succeeded),
          Effect.andThen((data) =>
            Effect.sync(() => {
              if (readers > 0) stats = { number: stats.number + 1, data: JSON.stringify(data) }
            })
          ),
          Effect.catchCause(failures.failed)
        )
        // Said here, so that a server that misses much says so once a second.
        if (isIncomplete) keep(null, "reset", reset())
        isIncomplete = false
        wakeReaders()
        yield* Effect.sleep(statsEvery)
      })

      const arrive = Effect.sync(() => {
        readers += 1
        stopWaiting()
        isKept.openUnsafe()
        hasReaders.openUnsafe()
      })
      const leave = Effect.sync(() => {
        readers -= 1
        if (readers > 0) return
        hasReaders.closeUnsafe()
        // The next reader gets no old ones.
        stats = { ...stats, data: null }
        stopWaiting = deadlines.set(keptFor, () => {
          isKept.closeUnsafe()
          ring.clear()
        })
      })

      const read = (filter: EventFilter, after: Option.Option<string>) => {
        const takePage = FeedReader.make(source, pages, filter, after)
        return Effect.gen(function* () {
          while (true) {
            const more = news
            const page = takePage()
            if (page.length > 0) return page
            yield* more.await
          }
        })
      }

      yield* hub.listen((jobs, change, circumstances) => {
        if (!isWanted()) return
        jobs.forEach((job, index) => eventsOf(change, job, circumstances[index]).forEach(add))
      })
      yield* Effect.forkScoped(Effect.forever(tellNews))
      yield* Effect.forkScoped(Effect.forever(tellStats))

      return EventFeed.of({
        tell: (event) =>
          Effect.suspend(() => {
            if (isWanted()) add(event)
            return logEvent(event)
          }),
        read: (filter, after) =>
          Stream.unwrap(
            Effect.as(
              Effect.acquireRelease(arrive, () => leave),
              Stream.suspend(() => Stream.fromEffectRepeat(read(filter, after)))
            )
          ),
        reading: Effect.sync(() => readers)
      })
    })
  )
}
