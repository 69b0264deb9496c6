/** Duties for what nobody works on: finished jobs leave, and unclaimed ones are told of. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Boss } from "../../src/domain/Boss.ts"
import { EventHub } from "../../src/domain/events/EventHub.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { RetentionRepo } from "../../src/domain/jobs/RetentionRepo.ts"
import { DutiesLive } from "../../src/server/Application.ts"
import { deleteFinishedJobs } from "../../src/server/loops/deleteFinishedJobs.ts"
import { tellUnclaimedJobs } from "../../src/server/loops/tellUnclaimedJobs.ts"
import { end, present, transition } from "../stores/StoreKit.ts"
import {
  anybody,
  census,
  claimNow,
  exitOf,
  finish,
  many,
  pass,
  policy,
  settle,
  start,
  submit,
  world
} from "./support/world.ts"

const withDuties = (options: Parameters<typeof world>[0] = {}) =>
  Layer.provideMerge(DutiesLive, world(options))

const quickRetention = {
  ...policy,
  retention: { done: Duration.millis(12_345), failed: Duration.millis(23_456) }
}

describe("the duty that deletes finished jobs", () => {
  it.effect("deletes each at its tick, by how it ended", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* finish(yield* start({ type: "a" }))
      const [job] = yield* submit({ type: "b" })
      yield* boss.cancel(present(job).id, anybody, null)
      yield* submit({ type: "c", delay: Duration.hours(1) })
      yield* Effect.forkScoped(deleteFinishedJobs)
      yield* pass(12_344)
      assert.deepStrictEqual(yield* census, { done: 1, cancelled: 1, scheduled: 1 })
      yield* pass(1)
      assert.deepStrictEqual(yield* census, { cancelled: 1, scheduled: 1 })
      yield* pass(23_456 - 12_345 - 1)
      assert.deepStrictEqual(yield* census, { cancelled: 1, scheduled: 1 })
      yield* pass(1)
      assert.deepStrictEqual(yield* census, { scheduled: 1 })
    }).pipe(Effect.scoped, Effect.provide(world({ policy: quickRetention })))
  )

  it.effect("keeps them for good if the policy says so", () =>
    Effect.gen(function* () {
      yield* finish(yield* start({ type: "a" }))
      yield* pass("1 hour")
      assert.deepStrictEqual(yield* census, { done: 1 })
    }).pipe(
      Effect.provide(withDuties({ policy: { ...policy, retention: { done: null, failed: Duration.zero } } }))
    )
  )

  it.effect("deletes many in batches, with a rest between them", () => {
    const sizes: Array<number> = []
    const counting = Layer.effect(
      RetentionRepo,
      Effect.map(RetentionRepo, (repo) =>
        RetentionRepo.of({
          ...repo,
          deleteFinished: (outdated, limit) =>
            Effect.tap(repo.deleteFinished(outdated, limit), (count) => Effect.sync(() => sizes.push(count)))
        })
      )
    )
    return Effect.gen(function* () {
      yield* submit(...many(1_200, { type: "a" }))
      for (let times = 0; times < 2; times++) {
        for (const job of yield* claimNow({ max: 600 })) yield* finish(job)
      }
      yield* TestClock.adjust(quickRetention.retention.done)
      yield* Effect.forkScoped(deleteFinishedJobs)
      yield* settle
      assert.deepStrictEqual(sizes, [500])
      yield* pass("49 millis")
      assert.deepStrictEqual(sizes, [500])
      yield* pass("1 millis")
      assert.deepStrictEqual(sizes, [500, 500])
      yield* pass("50 millis")
      assert.deepStrictEqual(sizes, [500, 500, 200])
      assert.deepStrictEqual(yield* census, {})
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(counting, world({ policy: quickRetention }))))
  })

  it.effect("looks once a minute while nothing is due", () => {
    let looks = 0
    const counting = Layer.effect(
      RetentionRepo,
      Effect.map(RetentionRepo, (repo) =>
        RetentionRepo.of({
          ...repo,
          oldest: Effect.andThen(
            Effect.sync(() => {
              looks += 1
            }),
            repo.oldest
          )
        })
      )
    )
    return Effect.gen(function* () {
      yield* finish(yield* start({ type: "a" }))
      yield* Effect.forkScoped(deleteFinishedJobs)
      yield* pass("1 second")
      looks = 0
      yield* pass("10 minutes")
      assert.strictEqual(looks, 10)
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(counting, world())))
  })
})

describe("a job that is deleted under those who look at it", () => {
  const endInSilence = Effect.gen(function* () {
    const retention = yield* RetentionRepo
    const claimed = yield* start({ type: "a" })
    return {
      id: claimed.job.id,
      endIt: Effect.gen(function* () {
        yield* end(claimed, transition("done"))
        yield* retention.deleteFinished([{ type: "a", kind: "done", age: Duration.zero }], 1)
      })
    }
  })

  it.effect("ends the stream of a follower", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const { endIt, id } = yield* endInSilence
      const stream = Option.getOrElse(yield* boss.follow(id, Option.none()), () => Stream.never)
      const reader = yield* Effect.forkChild(Stream.runCollect(stream))
      yield* settle
      yield* endIt
      yield* pass("30 seconds")
      assert.strictEqual(exitOf(reader)?._tag, "Success")
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells who waits for its end that it is not there", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const { endIt, id } = yield* endInSilence
      const waiter = yield* Effect.forkChild(Effect.flip(boss.find(id, Duration.minutes(5))))
      yield* settle
      yield* endIt
      yield* pass("15 seconds")
      const exit = present(exitOf(waiter))
      assert.strictEqual(exit._tag === "Success" ? exit.value._tag : exit._tag, "JobNotFound")
    }).pipe(Effect.provide(world()))
  )
})

describe("the duty that tells of unclaimed jobs", () => {
  const listen = Effect.gen(function* () {
    const hub = yield* EventHub
    const told: Array<string> = []
    yield* hub.listen((jobs, change) => {
      if (change === "unclaimed") told.push(...jobs.map(({ group }) => group.type))
    })
    return told
  })

  it.effect("tells of each once, at the tick", () =>
    Effect.gen(function* () {
      const told = yield* listen
      yield* pass("2345 millis")
      yield* submit({ type: "a" })
      yield* submit({ type: "b", delay: Duration.seconds(10) })
      const claimed = yield* start({ type: "c" })
      yield* pass(59_999)
      assert.deepStrictEqual(told, [])
      yield* pass(1)
      assert.deepStrictEqual(told, ["a"])
      yield* pass(9_999)
      assert.deepStrictEqual(told, ["a"])
      yield* pass(1)
      assert.deepStrictEqual(told, ["a", "b"])
      yield* finish(claimed)
      yield* pass("10 minutes")
      assert.deepStrictEqual(told, ["a", "b"])
    }).pipe(
      Effect.scoped,
      Effect.provide(
        withDuties({ policy: { ...policy, maxRun: Duration.hours(1), lease: Duration.hours(1) } })
      )
    )
  )

  it.effect("tells of all, be there more than one batch, on one of several servers", () =>
    Effect.gen(function* () {
      const told = yield* listen
      yield* submit(...many(1_000, { type: "a" }))
      yield* submit(...many(1_000, { type: "a" }))
      yield* submit(...many(500, { type: "b" }))
      yield* Effect.forkScoped(tellUnclaimedJobs)
      yield* pass("1 minute")
      assert.strictEqual(told.filter((type) => type === "a").length, 2_000)
      assert.strictEqual(told.filter((type) => type === "b").length, 500)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("tells of none if the policy says so", () =>
    Effect.gen(function* () {
      const told = yield* listen
      yield* submit({ type: "a" })
      yield* pass("10 minutes")
      assert.deepStrictEqual(told, [])
      assert.deepStrictEqual((yield* Effect.flatMap(JobRepo, ({ pendingGroups }) => pendingGroups)).length, 1)
    }).pipe(Effect.scoped, Effect.provide(withDuties({ policy: { ...policy, unclaimedAlert: null } })))
  )
})
