/** The feed of events: what readers are told, and what it costs when there are none. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { BossEvent, type BossEventJson } from "../../../src/domain/events/BossEvent.ts"
import { EventFeed } from "../../../src/domain/events/EventFeed.ts"
import type { FeedItem } from "../../../src/domain/events/FeedPages.ts"
import type { EventFilter } from "../../../src/domain/events/EventFilter.ts"
import { mostEvents } from "../../../src/domain/events/EventRing.ts"
import { defaultQuarantine } from "../../../src/domain/policies/Policy.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { noticeGoneWorkers } from "../../../src/server/loops/noticeGoneWorkers.ts"
import { anything, noNews } from "../../../src/domain/events/Peers.ts"
import { mostSent } from "../../../src/domain/events/FeedPeers.ts"
import { StatsSource } from "../../../src/domain/stats/StatsSource.ts"
import { finish, holdingOf, makePeer, pass, settle, start, submit, world } from "../support/world.ts"

/** Somebody who reads as fast as there is something. Stats are counted and left out. */
const look = Effect.fnUntraced(function* (filter: EventFilter = {}, after?: string) {
  const feed = yield* EventFeed
  const items: Array<FeedItem> = []
  const stats: Array<string> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(feed.read(filter, Option.fromUndefinedOr(after)), (page) =>
      Effect.sync(() => {
        for (const item of page)
          if (item.event === "stats") stats.push(item.data)
          else items.push(item)
      })
    )
  )
  yield* settle
  return {
    items,
    stats,
    names: () => items.map(({ event }) => event),
    leave: Fiber.interrupt(fiber)
  }
})

/** Somebody who reads a page now and then. */
const lookSlowly = Effect.fnUntraced(function* (filter: EventFilter = {}, after?: string) {
  const feed = yield* EventFeed
  const pull = yield* Stream.toPull(feed.read(filter, Option.fromUndefinedOr(after)))
  return Effect.map(Effect.orDie(pull), (pages) => pages.flat())
})

const told = (worker: string) =>
  Effect.flatMap(EventFeed, (feed) => feed.tell({ event: "worker.seen", worker }))
const workersIn = (items: ReadonlyArray<FeedItem>) =>
  items.map(({ data, event }) => {
    const read: unknown = JSON.parse(data)
    return Schema.is(Schema.Struct({ worker: Schema.String }))(read) ? read.worker : event
  })

describe("the feed", () => {
  it.effect("tells a job's whole life, each event in its form, at the time at which it happens", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const reader = yield* look()
      yield* TestClock.adjust("1 second")
      const claimed = yield* start({ type: "a" })
      yield* boss.heartbeat(holdingOf(claimed))
      yield* boss.heartbeat(holdingOf(claimed))
      const body = Stream.make("id: 1\nevent: percent\ndata: 50\n\n", "id: 2\nevent: log_chunk\ndata: x\n\n")
      const { signals } = yield* boss.progress(holdingOf(claimed), Option.none(), body)
      yield* Stream.runDrain(signals)
      yield* finish(claimed)
      yield* Effect.flip(boss.heartbeat(holdingOf(claimed)))
      yield* pass("20 millis")
      assert.deepStrictEqual(reader.names(), [
        "job.created",
        "job.assigned",
        "job.started",
        "job.progress",
        "job.done",
        "attempt.fenced"
      ])
      for (const { data, event } of reader.items) {
        const decoded = Schema.decodeUnknownSync(Schema.fromJsonString(BossEvent), {
          onExcessProperty: "error"
        })(data)
        assert.strictEqual(decoded.event, event)
        assert.include(data, '"at":"1970-01-01T00:00:01.000Z"')
      }
      assert.include(reader.items[3]?.data, '"percent":50')
      assert.include(reader.items[5]?.data, "the attempt ended as done")
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells who has decided what, and why", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const reader = yield* look({ event: "job.cancelled,job.retrying" })
      const [job] = yield* submit({ type: "a" })
      if (job === undefined) return assert.fail("no job")
      yield* boss.cancel(job.id, anyone(Option.some("ann")), "a mistake")
      yield* boss.retry(job.id, anyone(Option.some("bob")))
      yield* pass("20 millis")
      assert.deepStrictEqual(reader.names(), ["job.cancelled", "job.retrying"])
      assert.include(reader.items[0]?.data, '"reason":"a mistake","by":"ann"')
      assert.include(reader.items[1]?.data, '"reason":null,"by":"bob"')
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells what the supervisor and the boss decide about workers and policies", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const workers = yield* Workers
      const policies = yield* SupervisorPolicy
      const gone = yield* Effect.forkChild(noticeGoneWorkers)
      const reader = yield* look({ event: "worker.*,policy.*" })
      yield* policies.change("a", "ann", () => ({ quarantine: { ...defaultQuarantine, failures: 1 } }))
      yield* Effect.flip(policies.remove("b", "ann"))
      const claimed = yield* start({ type: "a" })
      yield* pass("2 seconds")
      yield* boss.finish(holdingOf(claimed), { _tag: "Failed", error: "no", retryable: false, retryIn: null })
      yield* workers.change({ worker: "worker", state: "paused", reason: "a rest", by: "ann" })
      yield* pass("70 seconds")
      assert.deepStrictEqual(
        reader.items.map(({ data }) => data.replace(/"at":"[^"]*",/, "")),
        [
          { event: "policy.changed", type: "a", fields: ["quarantine"], by: "ann" },
          { event: "worker.seen", worker: "worker" },
          { event: "worker.quarantined", worker: "worker", type: "a", until: "1970-01-01T00:10:02.000Z" },
          { event: "worker.state", worker: "worker", state: "paused", reason: "a rest", by: "ann" },
          { event: "worker.gone", worker: "worker" }
        ].map((event) => JSON.stringify(event))
      )
      yield* Fiber.interrupt(gone)
    }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect(
    "tells that a type is paused or goes on, whichever policy says so, and only when that changes",
    () =>
      Effect.gen(function* () {
        const policies = yield* SupervisorPolicy
        const reader = yield* look({ event: "type.*" })
        yield* policies.change("a", "ann", () => ({ paused: true }))
        yield* policies.change("a", "bob", () => ({ paused: true, concurrency: 3 }))
        yield* policies.change("default", null, () => ({ paused: true }))
        yield* policies.change("b", "ann", () => ({ paused: true }))
        yield* policies.change("b", "ann", () => ({ paused: false }))
        yield* policies.remove("a", "bob")
        yield* policies.change("default", "ann", () => ({}))
        yield* policies.change("a", "ann", () => ({ paused: true }))
        yield* policies.remove("a", "bob")
        yield* pass("1 second")
        const { items } = reader
        assert.deepStrictEqual(
          items.map(({ data }) => data.replace(/"at":"[^"]*",/, "")),
          [
            { event: "type.paused", type: "a", paused: true, by: "ann" },
            { event: "type.paused", type: "default", paused: true, by: null },
            { event: "type.paused", type: "b", paused: false, by: "ann" },
            { event: "type.paused", type: "default", paused: false, by: "ann" },
            { event: "type.paused", type: "a", paused: true, by: "ann" },
            { event: "type.paused", type: "a", paused: false, by: "bob" }
          ].map((event) => JSON.stringify(event))
        )
      }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect("is read by filter", () =>
    Effect.gen(function* () {
      const readers = {
        type: yield* look({ type: "a.*" }),
        worker: yield* look({ worker: "worker" }),
        both: yield* look({ type: "b", worker: "worker" }),
        event: yield* look({ event: "job.done,attempt.*" })
      }
      for (const type of ["a.1", "b"]) yield* finish(yield* start({ type }))
      yield* pass("20 millis")
      assert.deepStrictEqual(readers.type.names(), ["job.created", "job.assigned", "job.done"])
      assert.deepStrictEqual(readers.worker.names(), ["job.assigned", "job.done", "job.assigned", "job.done"])
      assert.deepStrictEqual(readers.both.names(), ["job.assigned", "job.done"])
      assert.deepStrictEqual(readers.event.names(), ["job.done", "job.done"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes on where a reader was, without a gap or a repetition", () =>
    Effect.gen(function* () {
      const first = yield* look()
      yield* told("one")
      yield* told("two")
      yield* pass("20 millis")
      yield* first.leave
      yield* told("three")
      yield* pass("119 seconds")
      const second = yield* look({}, first.items[0]?.id)
      assert.deepStrictEqual(workersIn(second.items), ["two", "three"])
      const third = yield* look({}, second.items[1]?.id)
      yield* told("four")
      yield* pass("20 millis")
      assert.deepStrictEqual(workersIn(third.items), ["four"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("begins with a reset when it cannot go on, and then with the newest", () =>
    Effect.gen(function* () {
      const first = yield* look()
      yield* told("one")
      yield* pass("20 millis")
      const known = first.items[0]?.id ?? ""
      const [server = ""] = known.split(".")
      for (const id of ["", "nonsense", `${server}.9`, `${server}.x`, "0123456789ab.1", `${known} `]) {
        const reader = yield* look({}, id)
        yield* told("two")
        yield* pass("20 millis")
        assert.deepStrictEqual(workersIn(reader.items), ["reset", "two"], id)
        const next = yield* look({}, reader.items[0]?.id)
        assert.deepStrictEqual(workersIn(next.items), ["two"])
        yield* reader.leave
        yield* next.leave
      }
    }).pipe(Effect.provide(world()))
  )

  it.effect("keeps nothing when nobody has read for two minutes", () =>
    Effect.gen(function* () {
      const first = yield* look()
      yield* told("one")
      yield* pass("20 millis")
      const { reading } = yield* EventFeed
      assert.strictEqual(yield* reading, 1)
      yield* first.leave
      assert.strictEqual(yield* reading, 0)
      yield* pass("119999 millis")
      const again = yield* look({}, first.items[0]?.id)
      assert.deepStrictEqual(again.items, [])
      yield* again.leave
      yield* pass("120 seconds")
      yield* told("two")
      const late = yield* look({}, first.items[0]?.id)
      yield* told("three")
      yield* pass("20 millis")
      assert.deepStrictEqual(workersIn(late.items), ["reset", "three"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("costs nothing for a reader that does not read, which loses the oldest", () =>
    Effect.gen(function* () {
      const slow = yield* lookSlowly()
      yield* slow
      yield* told("the last that it sees")
      yield* pass("20 millis")
      assert.deepStrictEqual(workersIn(yield* slow), ["the last that it sees"])
      for (let count = 0; count < mostEvents; count++) yield* told("kept")
      yield* pass("20 millis")
      const page = yield* slow
      assert.isAtLeast(page.length, 2)
      assert.deepStrictEqual([...new Set(workersIn(page))], ["kept"])
      assert.isBelow(page.length, 1_000)
      for (let count = 0; count < mostEvents; count++) yield* told("overwritten")
      yield* pass("20 millis")
      assert.deepStrictEqual(workersIn(yield* slow), ["reset"])
      yield* told("the newest")
      yield* pass("20 millis")
      assert.deepStrictEqual(workersIn(yield* slow), ["the newest"])
    }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect("keeps no more for many readers that do not read than for one", () =>
    Effect.gen(function* () {
      const silent = yield* Effect.replicateEffect(lookSlowly(), 200)
      for (const reader of silent) yield* reader
      const quick = yield* look()
      for (let count = 0; count < 3 * mostEvents; count++) {
        yield* told("worker")
        if (count % 1_000 === 0) yield* pass("20 millis")
      }
      yield* pass("20 millis")
      assert.strictEqual(quick.items.length, 3 * mostEvents)
      for (const reader of silent) assert.deepStrictEqual(workersIn(yield* reader), ["reset"])
    }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect("makes a page once for all who want the same from the same place on", () =>
    Effect.gen(function* () {
      const feed = yield* EventFeed
      const pages: Array<ReadonlyArray<FeedItem>> = []
      for (const filter of [{}, {}, { event: "worker.*" }]) {
        yield* Effect.forkChild(
          Stream.runForEach(feed.read(filter, Option.none()), (page) => Effect.sync(() => pages.push(page)))
        )
        yield* settle
      }
      pages.length = 0
      yield* told("worker")
      yield* pass("20 millis")
      const [one, two, other] = pages
      assert.strictEqual(one, two)
      assert.notStrictEqual(one, other)
      assert.deepStrictEqual(one, other)
    }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect("wakes many readers less often than a few", () =>
    Effect.gen(function* () {
      const readers = yield* Effect.replicateEffect(look(), 50)
      yield* told("worker")
      yield* pass("99 millis")
      assert.deepStrictEqual(new Set(readers.map(({ items }) => items.length)), new Set([0]))
      yield* pass("1 millis")
      assert.deepStrictEqual(new Set(readers.map(({ items }) => items.length)), new Set([1]))
    }).pipe(Effect.scoped, Effect.provide(world()))
  )

  it.effect("takes a snapshot of the stats once a second for all readers, and none without", () => {
    let taken = 0
    const counting = Layer.succeed(StatsSource, {
      snapshot: Effect.sync(() => {
        taken += 1
        if (taken === 2) throw new Error("not this time")
        return { taken }
      })
    })
    return Effect.gen(function* () {
      yield* pass("10 seconds")
      assert.strictEqual(taken, 0)
      const [one, two] = [yield* look({ event: "job.done" }), yield* look()]
      const slow = yield* lookSlowly()
      assert.deepStrictEqual([one.stats, two.stats], [['{"taken":1}'], ['{"taken":1}']])
      yield* pass("2 seconds")
      assert.deepStrictEqual(one.stats, ['{"taken":1}', '{"taken":3}'])
      assert.deepStrictEqual(
        (yield* slow).map(({ data }) => data),
        ['{"taken":3}']
      )
      yield* one.leave
      yield* two.leave
    }).pipe(
      Effect.scoped,
      Effect.andThen(pass("1 second")),
      Effect.tap(() => Effect.sync(() => assert.strictEqual(taken, 3))),
      Effect.provide(world().pipe(Layer.provide(counting)))
    )
  })
})

describe("the feeds of several servers", () => {
  const seen = (worker: string): BossEventJson => ({
    event: "worker.seen",
    at: "2030-01-01T00:00:00.000Z",
    worker
  })
  const asking = { ...noNews, wantsEvents: true }

  it.effect("ask for the events of the others as long as theirs are kept", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      yield* pass("1 minute")
      assert.deepStrictEqual(peer.told, [])
      const reader = yield* look()
      assert.deepStrictEqual(peer.told, [asking])
      yield* pass("9999 millis")
      assert.strictEqual(peer.told.length, 1)
      yield* pass("1 millis")
      assert.strictEqual(peer.told.length, 2)
      yield* peer.say({ events: [seen("far away")] })
      yield* pass("20 millis")
      assert.deepStrictEqual(
        reader.items.map(({ data }) => data),
        [JSON.stringify(seen("far away"))]
      )
      yield* reader.leave
      yield* pass("2 minutes")
      const asked = peer.told.length
      yield* pass("1 minute")
      assert.strictEqual(peer.told.length, asked)
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  })

  it.effect("send theirs for 30 seconds to who asks", () => {
    const peer = makePeer()
    const sent = () => peer.told.flatMap(({ events }) => events.map(({ event }) => event))
    return Effect.gen(function* () {
      yield* settle
      yield* told("unheard")
      yield* peer.say({ wantsEvents: true })
      yield* pass("29999 millis")
      yield* told("heard")
      yield* pass("20 millis")
      assert.deepStrictEqual(sent(), ["worker.seen"])
      yield* told("unheard")
      yield* pass("1 second")
      assert.deepStrictEqual(sent(), ["worker.seen"])
      yield* peer.say({ wantsEvents: true })
      yield* settle
      for (let count = 0; count <= mostSent; count++) yield* told("many")
      yield* pass("20 millis")
      const last = peer.told.at(-1)
      assert.deepStrictEqual([last?.events.length, last?.missedEvents], [mostSent, true])
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  })

  it.effect("tell their readers where events of the others may be missing, once a second at most", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const reader = yield* look({ event: "job.done" })
      yield* pass("100 millis")
      for (let count = 0; count < 10; count++) yield* peer.say(anything)
      yield* pass("1 second")
      assert.deepStrictEqual(reader.names(), ["reset"])
      yield* peer.say({ missedEvents: true })
      yield* pass("1 second")
      assert.deepStrictEqual(reader.names(), ["reset", "reset"])
      yield* pass("10 seconds")
      assert.strictEqual(reader.items.length, 2)
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  })
})
