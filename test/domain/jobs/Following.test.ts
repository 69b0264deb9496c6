/** A follower is told everything once and in order, wherever it begins, and whatever it did not hear of. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { type FollowEvent, formatPosition, type Position } from "../../../src/domain/jobs/Following.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { end, logChunk, present, progressWrite, startAgain, transition } from "../../stores/StoreKit.ts"
import {
  anybody,
  claimNow,
  exitOf,
  finish,
  holdingOf,
  pass,
  settle,
  start,
  submit,
  world
} from "../support/world.ts"

const toText = (event: FollowEvent): string =>
  `${formatPosition(event.position)} ${event._tag === "State" ? event.job.status : event.event.data}`

/** Follows a job, and keeps all that is told. */
const follow = Effect.fnUntraced(function* (id: JobId, from?: Position) {
  const boss = yield* Boss
  const stream = yield* Effect.orDie(boss.follow(id, Option.fromUndefinedOr(from)))
  const told: Array<string> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(
      Option.getOrElse(stream, () => Stream.empty),
      (event) => Effect.sync(() => told.push(toText(event)))
    )
  )
  yield* settle
  return { fiber, told }
})

/** Progress, of which nobody is told. */
const writeInSilence = Effect.fnUntraced(function* (
  claimed: Parameters<typeof progressWrite>[0],
  ...ids: ReadonlyArray<number>
) {
  const repo = yield* JobRepo
  const events = ids.map((id) => logChunk(id, `line ${id}`))
  yield* repo.recordProgress([progressWrite(claimed, present(ids[0]) - 1, { events })])
})

/** A job with a life: it fails, fails for good, is retried by hand and done. */
const liveThrough = Effect.gen(function* () {
  const boss = yield* Boss
  const [created] = yield* submit({ type: "a", maxAttempts: 2 })
  const follower = yield* follow(present(created).id)
  const failure = { _tag: "Failed", error: null, retryable: true, retryIn: Duration.zero } as const
  for (const lines of [[1, 2], [1]]) {
    const claimed = present((yield* claimNow())[0])
    yield* writeInSilence(claimed, ...lines)
    yield* boss.finish(holdingOf(claimed), failure)
    yield* settle
  }
  return { follower, id: present(created).id }
})

const life = [
  "1.0 pending",
  "2.0 processing",
  "2.1 line 1",
  "2.2 line 2",
  "3.0 pending",
  "4.0 processing",
  "4.1 line 1",
  "5.0 failed"
]

const positionOf = (text: string): Position => {
  const [version, event] = present(text.split(" ")[0]).split(".").map(Number)
  return { version: present(version), event: present(event) }
}

describe("following from a position", () => {
  it.effect("tells a whole life in order, and ends with it", () =>
    Effect.gen(function* () {
      const { follower } = yield* liveThrough
      assert.deepStrictEqual(follower.told, life)
      assert.isDefined(exitOf(follower.fiber))
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells exactly what is missing, wherever it was broken off", () =>
    Effect.gen(function* () {
      const { id } = yield* liveThrough
      for (const [index, last] of life.entries()) {
        const { fiber, told } = yield* follow(id, positionOf(last))
        assert.deepStrictEqual(told, life.slice(index + 1), `after ${last}`)
        assert.isDefined(exitOf(fiber))
      }
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes on after a retry by hand for who saw the end before", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const { id } = yield* liveThrough
      yield* boss.retry(id, anybody)
      const { fiber, told } = yield* follow(id, { version: 5, event: 0 })
      assert.deepStrictEqual(told, ["6.0 pending"])
      yield* finish(present((yield* claimNow())[0]))
      yield* settle
      assert.deepStrictEqual(told, ["6.0 pending", "7.0 processing", "8.0 done"])
      assert.isDefined(exitOf(fiber))
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes on in the middle of the progress of a live attempt", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      yield* writeInSilence(claimed, 1, 2, 3)
      const { told } = yield* follow(claimed.job.id, { version: 2, event: 2 })
      assert.deepStrictEqual(told, ["2.3 line 3"])
    }).pipe(Effect.provide(world()))
  )
})

describe("following a job that is changed while it is processed", () => {
  const changeInTheMiddle = Effect.gen(function* () {
    const boss = yield* Boss
    const claimed = yield* start({ type: "a" })
    const { told } = yield* follow(claimed.job.id, { version: 1, event: 0 })
    yield* writeInSilence(claimed, 1, 2)
    yield* boss.amend(claimed.job.id, anybody, { tags: ["new"] })
    yield* settle
    yield* writeInSilence(claimed, 3)
    yield* boss.amend(claimed.job.id, anybody, { priority: 1 })
    yield* settle
    yield* writeInSilence(claimed, 4)
    yield* finish(claimed)
    yield* settle
    return { told, id: claimed.job.id }
  })
  it.effect("tells the changes and the progress around them once", () =>
    Effect.gen(function* () {
      const { told } = yield* changeInTheMiddle
      assert.deepStrictEqual(told, [
        "2.0 processing",
        "2.1 line 1",
        "2.2 line 2",
        "3.2 processing",
        "3.3 line 3",
        "4.3 processing",
        "4.4 line 4",
        "5.0 done"
      ])
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes on from wherever it was broken off", () =>
    Effect.gen(function* () {
      const { id, told } = yield* changeInTheMiddle
      const content = (texts: ReadonlyArray<string>) =>
        texts.map((text) => text.slice(text.indexOf(" ") + 1)).toSorted()
      for (const [index, last] of told.entries()) {
        const resumed = yield* follow(id, positionOf(last))
        assert.deepStrictEqual(content(resumed.told), content(told.slice(index + 1)), `after ${last}`)
      }
    }).pipe(Effect.provide(world()))
  )

  it.effect("begins with the job as it is, and all that was logged of the attempt", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      yield* writeInSilence(claimed, 1)
      yield* boss.amend(claimed.job.id, anybody, { tags: ["new"] })
      const { told } = yield* follow(claimed.job.id)
      assert.deepStrictEqual(told, ["3.0 processing", "3.1 line 1"])
      yield* writeInSilence(claimed, 2)
      yield* pass("30 seconds")
      assert.deepStrictEqual(told.slice(2), ["3.2 line 2"])
    }).pipe(Effect.provide(world()))
  )
})

describe("following without being told", () => {
  it.effect("finds progress and states of which no news came, within half a minute", () =>
    Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const { fiber, told } = yield* follow(claimed.job.id)
      yield* writeInSilence(claimed, 1)
      yield* pass("29999 millis")
      assert.deepStrictEqual(told, ["2.0 processing"])
      yield* pass("1 millis")
      assert.deepStrictEqual(told, ["2.0 processing", "2.1 line 1"])
      yield* writeInSilence(claimed, 2)
      const again = yield* startAgain(present(yield* end(claimed, transition("released"))))
      yield* writeInSilence(present(again), 1)
      yield* end(present(again), transition("done"))
      yield* pass("30 seconds")
      assert.deepStrictEqual(told.slice(2), [
        "2.2 line 2",
        "3.0 pending",
        "4.0 processing",
        "4.1 line 1",
        "5.0 done"
      ])
      assert.isDefined(exitOf(fiber))
    }).pipe(Effect.provide(world()))
  )

  it.effect("misses nothing that happens just as the past is read", () => {
    let reads = 0
    let onSecondRead: Effect.Effect<unknown> = Effect.void
    return Effect.gen(function* () {
      const claimed = yield* start({ type: "a" })
      const context = yield* Effect.context<Boss>()
      onSecondRead = Effect.provide(Effect.orDie(finish(claimed)), context)
      // The first read is the look whether there is such a job.
      const { fiber, told } = yield* follow(claimed.job.id)
      assert.deepStrictEqual(told, ["2.0 processing", "3.0 done"])
      assert.isDefined(exitOf(fiber))
    }).pipe(
      Effect.provide(
        world({
          change: (repo) => ({
            history: (id) =>
              Effect.tap(
                repo.history(id),
                Effect.suspend(() => {
                  reads += 1
                  return reads === 2 ? onSecondRead : Effect.void
                })
              )
          })
        })
      )
    )
  })

  it.effect("holds up with a slow reader, and tells it everything", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "a" })
      yield* writeInSilence(claimed, ...Array.from({ length: 1_000 }, (_, index) => index + 1))
      yield* finish(claimed)
      const stream = Option.getOrElse(
        yield* boss.follow(claimed.job.id, Option.some({ version: 1, event: 0 })),
        () => Stream.empty
      )
      const reader = yield* Effect.forkChild(
        Stream.runCollect(Stream.mapEffect(stream, (event) => Effect.as(Effect.yieldNow, toText(event))))
      )
      const told = yield* Fiber.join(reader)
      assert.lengthOf(told, 1_002)
      assert.deepStrictEqual(
        [told[0], told[1_000], told[1_001]],
        ["2.0 processing", "2.1000 line 1000", "3.0 done"]
      )
    }).pipe(Effect.provide(world()))
  )
})

/** Counts how often the history of a job is read. */
const makeCounter = () => {
  const counter = { histories: 0 }
  return {
    counter,
    layer: world({
      change: (repo) => ({
        history: (id) =>
          Effect.suspend(() => {
            counter.histories += 1
            return repo.history(id)
          })
      })
    })
  }
}

/** Progress, of which followers hear. */
const write = Effect.fnUntraced(function* (claimed: ClaimedJob, id: number) {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  yield* repo.recordProgress([progressWrite(claimed, id - 1, { events: [logChunk(id, `line ${id}`)] })])
  yield* hub.publishProgress([claimed.job.id])
})

/** What has been told since this was asked last. */
const newsOf = ({ told }: { readonly told: Array<string> }) =>
  Effect.andThen(
    settle,
    Effect.sync(() => told.splice(0))
  )

describe("following what is told", () => {
  const { counter, layer } = makeCounter()

  it.effect("reads the past of a job at its start and at each of its states, and not for progress", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "type" })
      const news = newsOf(yield* follow(claimed.job.id))
      assert.deepStrictEqual(yield* news, ["2.0 processing"])
      counter.histories = 0
      for (let id = 1; id <= 5; id++) {
        yield* write(claimed, id)
        assert.deepStrictEqual(yield* news, [`2.${id} line ${id}`])
      }
      assert.strictEqual(counter.histories, 0)

      yield* Effect.orDie(boss.finish(holdingOf(claimed), { _tag: "Released" }))
      assert.deepStrictEqual(yield* news, ["3.0 pending"])
      const [next] = yield* claimNow()
      assert.deepStrictEqual(yield* news, ["4.0 processing"])
      yield* write(present(next), 1)
      assert.deepStrictEqual(yield* news, ["4.1 line 1"])
      yield* finish(present(next))
      assert.deepStrictEqual(yield* news, ["5.0 done"])
      assert.strictEqual(counter.histories, 3)
    }).pipe(Effect.scoped, Effect.provide(layer))
  )

  it.effect("tells progress before the state that came after it, if it heard of neither in time", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* start({ type: "type" })
      const news = newsOf(yield* follow(claimed.job.id))
      yield* write(claimed, 1)
      yield* repo.recordProgress([progressWrite(claimed, 1, { events: [logChunk(2, "line 2")] })])
      yield* finish(claimed)
      assert.deepStrictEqual(yield* news, ["2.0 processing", "2.1 line 1", "2.2 line 2", "3.0 done"])
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})
