/** What a worker hears on its progress stream, and how it is held up. */
import { assert, describe, it } from "@effect/vitest"
import { type Cause, DateTime, Duration, Effect, Fiber, Latch, Option, Queue, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import { largestAnswer } from "../../../src/domain/Page.ts"
import type { Signal } from "../../../src/domain/attempts/ProgressExchange.ts"
import { longestEvent } from "../../../src/domain/attempts/ProgressInbox.ts"
import { end, eventsOf, present, transition } from "../../stores/StoreKit.ts"
import {
  clockAhead,
  anybody,
  exitOf,
  finish,
  holdingOf,
  makePeer,
  pass,
  settle,
  start,
  world
} from "../support/world.ts"

const event = (id: number, name = "log_chunk", data = `line ${id}`) =>
  `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`

const toText = (signal: Signal): string => {
  switch (signal._tag) {
    case "Seen":
    case "Rewind":
      return `${signal._tag} ${signal.mark}`
    case "Lease":
      return `Lease ${DateTime.toEpochMillis(signal.expiresAt)}`
    case "Cancel":
      return `Cancel ${Duration.toMillis(signal.grace)}`
    case "Malformed":
      return "Malformed"
    case "Over":
      return `Over ${signal.outcome}`
  }
}

/** A connection of a worker: what it says, and all that it hears. */
const connect = Effect.fnUntraced(function* (claimed: ClaimedJob, held?: number) {
  const boss = yield* Boss
  const body = yield* Queue.unbounded<string, Error | Cause.Done>()
  const { signals } = yield* Effect.orDie(
    boss.progress(holdingOf(claimed), Option.fromUndefinedOr(held), Stream.fromQueue(body))
  )
  const heard: Array<string> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(signals, (signal) => Effect.sync(() => heard.push(toText(signal))))
  )
  yield* settle
  return {
    fiber,
    heard,
    say: (...texts: ReadonlyArray<string>) => Effect.andThen(Queue.offerAll(body, texts), settle),
    hangUp: Effect.andThen(Queue.end(body), settle),
    breakOff: Effect.andThen(Queue.fail(body, new Error("reset")), settle)
  }
})

// Long enough for an event to be stored and answered before the next one comes.
const settleBriefly = Effect.repeat(Effect.yieldNow, { times: 10 })

const idsOf = ({ attempt }: ClaimedJob) =>
  Effect.map(eventsOf(attempt.id), (events) => events.map(({ id }) => id))

describe("the progress conversation", () => {
  it.effect("acknowledges what is stored, and at the end once more if anything came after", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* worker.say(event(1), event(2, "percent", "50"))
      yield* worker.say(": still there\n\n")
      yield* worker.hangUp
      assert.deepStrictEqual([worker.heard.at(-1), new Set(worker.heard).has("Seen 2")], ["Seen 2", true])
      assert.isDefined(exitOf(worker.fiber))
      assert.deepStrictEqual(yield* idsOf(claimed), [1, 2])
    }).pipe(Effect.provide(world()))
  )

  it.effect("keeps what came before the connection broke", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* worker.say(event(1), event(2), "id: 3\nevent: log_ch")
      yield* worker.breakOff
      assert.strictEqual(worker.heard.at(-1), "Seen 2")
      assert.isDefined(exitOf(worker.fiber))
      const next = yield* connect(claimed, 2)
      yield* next.say(event(3))
      assert.deepStrictEqual([next.heard, yield* idsOf(claimed)], [["Seen 3"], [1, 2, 3]])
    }).pipe(Effect.provide(world()))
  )

  it.effect("stores nothing twice and loses nothing when two connections tell the same", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const one = yield* connect(claimed)
      const two = yield* connect(claimed)
      yield* one.say(event(1), event(2))
      yield* two.say(event(1), event(2), event(3))
      yield* one.say(event(3), event(4))
      yield* two.say(event(4), event(5))
      assert.deepStrictEqual(yield* idsOf(claimed), [1, 2, 3, 4, 5])
      assert.deepStrictEqual([one.heard.at(-1), two.heard.at(-1)], ["Seen 4", "Seen 5"])
      // The first one has a gap now.
      yield* one.say(event(7))
      assert.strictEqual(one.heard.at(-1), "Rewind 5")
      assert.isDefined(exitOf(one.fiber))
      assert.isUndefined(exitOf(two.fiber))
    }).pipe(Effect.provide(world()))
  )

  it.effect("ends with what is malformed, after what came before it", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* worker.say(`${event(1)}${event(2, "percent", "many")}${event(3)}`)
      assert.deepStrictEqual(worker.heard, ["Seen 1", "Malformed"])
      assert.isDefined(exitOf(worker.fiber))
      assert.deepStrictEqual(yield* idsOf(claimed), [1])
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells how much time is left by the clock of the store, whatever the server's says", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* boss.cancel(claimed.job.id, anybody, null)
      yield* settle
      assert.deepStrictEqual(worker.heard, ["Cancel 10000"])
    }).pipe(Effect.provide(world({ change: clockAhead })))
  )

  it.effect("tells of a cancellation at once, and once", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* pass("1 second")
      yield* boss.cancel(claimed.job.id, anybody, null)
      yield* settle
      yield* worker.say(event(1))
      assert.deepStrictEqual(worker.heard, ["Cancel 10000", "Seen 1"])
      const next = yield* connect(claimed, 1)
      yield* pass("2 seconds")
      yield* next.say(": still there\n\n")
      assert.deepStrictEqual(next.heard, ["Cancel 8000"])
    }).pipe(Effect.provide(world()))
  )

  const peer = makePeer()
  it.effect("ends when the attempt is over: at once if it hears of it, else within 15 seconds", () =>
    Effect.gen(function* () {
      const told = yield* start({ type: "a" })
      const untold = yield* start({ type: "a" })
      const one = yield* connect(told)
      const two = yield* connect(untold)
      for (const claimed of [told, untold]) yield* end(claimed, transition("lost"))
      yield* peer.say({ jobs: [told.job.id] })
      yield* pass("14999 millis")
      assert.deepStrictEqual([one.heard, two.heard], [["Over lost"], []])
      yield* pass("1 millis")
      assert.deepStrictEqual(two.heard, ["Over lost"])
      assert.isDefined(exitOf(two.fiber))
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  )

  it.effect("ends without a word for who has reported the end", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const worker = yield* connect(claimed)
      yield* finish(claimed)
      yield* settle
      assert.deepStrictEqual(worker.heard, [])
      assert.isDefined(exitOf(worker.fiber))
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells of the lease whenever a third of it was gained", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a", lease: Duration.seconds(30) })
      const worker = yield* connect(claimed)
      for (let second = 0; second < 4; second++) {
        yield* pass("5 seconds")
        yield* worker.say(": still there\n\n")
      }
      assert.deepStrictEqual(worker.heard, ["Lease 45000"])
    }).pipe(Effect.provide(world()))
  )
})

describe("a worker that does not read", () => {
  it.effect("is held up, and nothing is lost of what it said", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      const total = 5_000
      let sent = 0
      const body = Stream.range(1, total).pipe(
        Stream.rechunk(1),
        Stream.mapEffect((id) =>
          // One after another, so that each is answered.
          Effect.as(Effect.yieldNow, event(id)).pipe(Effect.tap(() => Effect.sync(() => (sent = id))))
        )
      )
      const { signals } = yield* boss.progress(holdingOf(claimed), Option.none(), body)
      const mayRead = yield* Queue.unbounded<void>()
      const marks: Array<number> = []
      const reader = yield* Effect.forkChild(
        Stream.runForEach(Stream.rechunk(signals, 1), (signal) =>
          Effect.gen(function* () {
            if (marks.length === 0) yield* Queue.take(mayRead)
            marks.push(signal._tag === "Seen" ? signal.mark : Number.NaN)
          })
        )
      )
      for (let round = 0; round < 50; round++) yield* settle
      const before = sent
      assert.isBelow(before, total)
      for (let round = 0; round < 20; round++) yield* settle
      assert.strictEqual(sent, before)
      yield* Queue.offer(mayRead, undefined)
      yield* Fiber.join(reader)
      assert.deepStrictEqual(
        marks,
        marks.toSorted((left, right) => left - right)
      )
      assert.strictEqual(marks.at(-1), total)
      assert.lengthOf(yield* idsOf(claimed), total)
    }).pipe(Effect.provide(world()))
  )

  it.effect("hears once that its attempt is over, after all that it did not read", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      const body = Stream.concat(
        Stream.range(1, 400).pipe(
          Stream.rechunk(1),
          Stream.mapEffect((id) => Effect.as(settleBriefly, event(id)))
        ),
        Stream.never
      )
      const { signals } = yield* boss.progress(holdingOf(claimed), Option.none(), body)
      const mayRead = yield* Queue.unbounded<void>()
      const heard: Array<string> = []
      const reader = yield* Effect.forkChild(
        Stream.runForEach(Stream.rechunk(signals, 1), (signal) =>
          Effect.gen(function* () {
            if (heard.length === 0) yield* Queue.take(mayRead)
            heard.push(toText(signal))
          })
        )
      )
      for (let round = 0; round < 30; round++) yield* settle
      yield* end(claimed, transition("lost"))
      yield* pass("15 seconds")
      yield* Queue.offer(mayRead, undefined)
      yield* settle
      assert.isDefined(exitOf(reader))
      assert.strictEqual(heard.filter((text) => text === "Over lost").length, 1)
      assert.strictEqual(heard.at(-1), "Over lost")
    }).pipe(Effect.provide(world()))
  )
})

describe("the progress of an attempt", () => {
  it.effect("holds the worker up when so much waits to be stored that it would fill the memory", () =>
    Effect.gen(function* () {
      const mayStore = yield* Latch.make(false)
      let largestWrite = 0
      yield* Effect.gen(function* () {
        const boss = yield* Boss
        const claimed = yield* start({ type: "type" })
        const count = 20
        const data = "x".repeat(longestEvent / 2)
        let sent = 0
        const body = Stream.range(1, count).pipe(
          Stream.rechunk(1),
          Stream.map((id) => {
            sent = id
            return `id: ${id}\nevent: log_chunk\ndata: ${data}\n\n`
          })
        )
        const { signals } = yield* Effect.orDie(boss.progress(holdingOf(claimed), Option.none(), body))
        const said = yield* Queue.unbounded<Signal>()
        yield* Effect.forkScoped(Stream.runForEach(signals, (signal) => Queue.offer(said, signal)))
        yield* settle
        assert.isAtMost(sent, 9)

        yield* mayStore.open
        let mark = 0
        while (mark < count) {
          const signal = yield* Queue.take(said)
          if (signal._tag === "Seen") mark = signal.mark
        }
        assert.isAtMost(largestWrite, 3 * longestEvent)
        assert.isAtLeast(largestWrite, largestAnswer.progress)
        const [last] = yield* eventsOf(claimed.attempt.id, count - 1)
        assert.strictEqual(present(last).data.length, data.length)
      }).pipe(
        // Or what waits for it would outlive a failure.
        Effect.ensuring(mayStore.open),
        Effect.scoped,
        Effect.provide(
          world({
            change: (repo) => ({
              recordProgress: (batch) => {
                const size = batch
                  .flatMap(({ events }) => events)
                  .reduce((sum, event) => sum + event.data.length, 0)
                largestWrite = Math.max(largestWrite, size)
                return Effect.andThen(mayStore.await, repo.recordProgress(batch))
              }
            })
          })
        )
      )
    })
  )
})
