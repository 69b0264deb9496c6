import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Boss } from "../../src/domain/Boss.ts"
import { EventHub } from "../../src/domain/events/EventHub.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { DutiesLive } from "../../src/server/Application.ts"
import { forgetIdempotencyKeys } from "../../src/server/loops/forgetIdempotencyKeys.ts"
import { findOne, insertOne, present } from "../stores/StoreKit.ts"
import { makeWallClock } from "./support/wallClock.ts"
import {
  anybody,
  census,
  holdingOf,
  makeOutage,
  many,
  pass,
  policy,
  start,
  submit,
  type Change,
  world
} from "./support/world.ts"

/** A server with its duties. */
const withDuties = (options: Parameters<typeof world>[0] = {}) =>
  Layer.provideMerge(DutiesLive, world(options))

// Nothing happens at a round time, when the duties look by themselves.
const oddMoment = pass("2345 millis")

/** That nothing happens until a millisecond before, and at the moment this does. */
const happensAfter = <E, R>(millis: number, look: Effect.Effect<unknown, E, R>, expected: unknown) =>
  Effect.gen(function* () {
    const before = yield* look
    yield* pass(millis - 1)
    assert.deepStrictEqual(yield* look, before)
    yield* pass(1)
    assert.deepStrictEqual(yield* look, expected)
  })

const stateOf = (id: Parameters<typeof findOne>[0]) =>
  Effect.map(findOne(id), ({ attempt, status }) => [status, attempt?.outcome ?? null])

describe("the duties, each at its tick", () => {
  it.effect("make a scheduled job pending", () =>
    Effect.gen(function* () {
      yield* oddMoment
      const [job] = yield* submit({ type: "a", delay: Duration.millis(12_345) })
      yield* happensAfter(12_345, stateOf(present(job).id), ["pending", null])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("make a job pending whose time was changed long after it was created", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const [job] = yield* submit({ type: "a", delay: Duration.hours(2) })
      yield* pass("1 hour")
      yield* oddMoment
      const now = yield* DateTime.now
      yield* boss.amend(present(job).id, anybody, { runAt: DateTime.addDuration(now, 1_234) })
      yield* happensAfter(1_234, stateOf(present(job).id), ["pending", null])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("make a job pending again after its backoff", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* oddMoment
      const claimed = yield* start({ type: "a" })
      yield* boss.finish(holdingOf(claimed), {
        _tag: "Failed",
        error: null,
        retryable: true,
        retryIn: Duration.millis(1_234)
      })
      yield* happensAfter(1_234, stateOf(claimed.job.id), ["pending", "failed"])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("end an attempt that is silent for its lease", () =>
    Effect.gen(function* () {
      yield* oddMoment
      const { job } = yield* start({ type: "a", lease: Duration.millis(4_321) })
      yield* happensAfter(4_321, stateOf(job.id), ["pending", "lost"])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("begin the lease anew at each sign of life", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* oddMoment
      const claimed = yield* start({ type: "a", lease: Duration.millis(4_321) })
      for (let times = 0; times < 3; times++) {
        yield* pass(4_320)
        yield* boss.heartbeat(holdingOf(claimed))
      }
      yield* happensAfter(4_321, stateOf(claimed.job.id), ["pending", "lost"])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("end an attempt that runs longer than maxRun, however alive", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* oddMoment
      const claimed = yield* start({ type: "a", maxRun: Duration.millis(9_876) })
      yield* pass(9_000)
      yield* boss.heartbeat(holdingOf(claimed))
      yield* happensAfter(876, stateOf(claimed.job.id), ["scheduled", "timed-out"])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("end an attempt that was never picked up", () =>
    Effect.gen(function* () {
      yield* oddMoment
      const { job } = yield* start({ type: "a" })
      yield* happensAfter(3_210, stateOf(job.id), ["pending", "lost"])
    }).pipe(Effect.provide(withDuties({ policy: { ...policy, pickup: Duration.millis(3_210) } })))
  )

  it.effect("end an attempt that was told to stop and did not", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* oddMoment
      const { job } = yield* start({ type: "a" })
      yield* oddMoment
      yield* boss.cancel(job.id, anybody, null)
      yield* happensAfter(1_111, stateOf(job.id), ["cancelled", "cancelled"])
    }).pipe(Effect.provide(withDuties({ policy: { ...policy, cancelGrace: Duration.millis(1_111) } })))
  )

  it.effect("fail a job that was not finished in time, whether it waits or runs", () =>
    Effect.gen(function* () {
      yield* oddMoment
      const running = yield* start({ type: "a", expiresIn: Duration.millis(6_789) })
      const [waiting] = yield* submit({ type: "b", expiresIn: Duration.millis(6_789) })
      const both = Effect.all([stateOf(running.job.id), stateOf(present(waiting).id)])
      yield* happensAfter(6_789, both, [
        ["failed", "timed-out"],
        ["failed", null]
      ])
    }).pipe(Effect.provide(withDuties()))
  )

  let forgotten = 0
  const countForgotten: Change = (repo) => ({
    forgetKeys: (limit) =>
      Effect.tap(repo.forgetKeys(limit), ({ done }) =>
        Effect.sync(() => {
          forgotten += done.length
        })
      )
  })
  it.effect("forget an idempotency key after 24 hours", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* TestClock.adjust("123 millis")
      yield* boss.submit([{ type: "a" }], anybody, Option.some({ key: "key", body: null }))
      // Only the last seconds are of interest to the duty.
      yield* TestClock.adjust("23 hours")
      yield* TestClock.adjust("3595 seconds")
      yield* Effect.forkScoped(forgetIdempotencyKeys)
      const look = Effect.sync(() => forgotten)
      yield* happensAfter(5_000, look, 1)
    }).pipe(Effect.scoped, Effect.provide(world({ change: countForgotten })))
  )
})

describe("the duties, come what may", () => {
  it.effect("do all that is due at once, be it more than one batch", () =>
    Effect.gen(function* () {
      yield* oddMoment
      yield* submit(...many(2_500, { type: "a", delay: Duration.millis(1_234) }))
      yield* happensAfter(1_234, census, { pending: 2_500 })
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("do each of several things at its own time, whatever the order in which they came", () =>
    Effect.gen(function* () {
      yield* oddMoment
      for (const delay of [3_000, 1_000, 2_000]) yield* submit({ type: "a", delay: Duration.millis(delay) })
      yield* happensAfter(1_000, census, { pending: 1, scheduled: 2 })
      yield* happensAfter(1_000, census, { pending: 2, scheduled: 1 })
      yield* happensAfter(1_000, census, { pending: 3 })
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("find what nobody told them within five seconds", () =>
    Effect.gen(function* () {
      yield* oddMoment
      const job = yield* insertOne({ delay: Duration.millis(100) })
      yield* happensAfter(5_000 - 2_345, stateOf(job.id), ["pending", null])
    }).pipe(Effect.provide(withDuties()))
  )

  it.effect("publish what they did", () =>
    Effect.gen(function* () {
      const hub = yield* EventHub
      const heard: Array<string> = []
      yield* hub.listen((jobs) => heard.push(...jobs.map(({ status }) => status)))
      yield* submit({ type: "a", delay: Duration.seconds(1), expiresIn: Duration.seconds(2) })
      yield* pass("2 seconds")
      assert.deepStrictEqual(heard, ["scheduled", "pending", "failed"])
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  const outage = makeOutage()
  const away: Change = (repo) => ({
    promote: (limit) => outage.guard(repo.promote(limit)),
    overdue: (limit) => outage.guard(repo.overdue(limit)),
    expire: (limit) => outage.guard(repo.expire(limit))
  })
  it.effect("try again half a second after the store was away", () =>
    Effect.gen(function* () {
      yield* oddMoment
      yield* start({ type: "a", lease: Duration.millis(1_000) })
      yield* submit({ type: "b", delay: Duration.millis(1_000) })
      yield* submit({ type: "c", delay: Duration.hours(1), expiresIn: Duration.millis(1_000) })
      yield* outage.begin
      yield* pass(1_000)
      yield* outage.end
      yield* happensAfter(500, census, { failed: 1, pending: 2 })
    }).pipe(Effect.provide(withDuties({ change: away })))
  )

  it.effect("go on when the clock is set back", () =>
    Effect.gen(function* () {
      const wall = yield* makeWallClock
      const onShownTime = Effect.provideService(Clock.Clock, wall.clock)
      const looks: Array<string> = []
      const counting: Change = (repo) => ({
        promote: (limit) =>
          Effect.suspend(() => {
            looks.push("promote")
            return repo.promote(limit)
          }),
        overdue: (limit) =>
          Effect.suspend(() => {
            looks.push("overdue")
            return repo.overdue(limit)
          })
      })
      yield* Effect.gen(function* () {
        yield* oddMoment
        wall.setBack("1 hour")
        yield* pass("5 seconds")
        looks.length = 0
        // A job that a duty knows of, and one that it does not.
        yield* onShownTime(submit({ type: "a", delay: Duration.seconds(1) }))
        yield* pass("1 second")
        assert.deepStrictEqual(yield* census, { pending: 1 })
        yield* onShownTime(insertOne({ delay: Duration.seconds(1) }))
        yield* pass("9 seconds")
        assert.deepStrictEqual(yield* census, { pending: 2 })
        assert.strictEqual(looks.filter((look) => look === "overdue").length, 2)
      }).pipe(
        Effect.provide(
          Layer.provideMerge(DutiesLive, world({ change: counting })).pipe(
            Layer.provide(Layer.succeed(Clock.Clock, wall.clock))
          )
        )
      )
    })
  )

  it.effect("cost a look every five seconds and no more while nothing is due", () => {
    let looks = 0
    const counting: Change = (repo) => ({
      promote: (limit) =>
        Effect.suspend(() => {
          looks += 1
          return repo.promote(limit)
        })
    })
    return Effect.gen(function* () {
      yield* submit({ type: "a", delay: Duration.hours(1) })
      yield* pass("1 second")
      looks = 0
      yield* pass("60 seconds")
      assert.strictEqual(looks, 12)
      assert.lengthOf(yield* Effect.flatMap(JobRepo, ({ pendingGroups }) => pendingGroups), 0)
    }).pipe(Effect.provide(withDuties({ change: counting })))
  })
})
