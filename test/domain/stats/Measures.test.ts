import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import * as Histogram from "../../../src/domain/stats/Histogram.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { Measures, mostTypes, otherTypes } from "../../../src/domain/stats/Measures.ts"
import { claimNow, finish, holdingOf, pass, settle, start, submit, world } from "../support/world.ts"

it.effect("measures how long jobs waited and ran, and how their attempts ended", () =>
  Effect.gen(function* () {
    const boss = yield* Boss
    const { types } = yield* Measures
    yield* submit({ type: "a" }, { type: "a" })
    yield* pass("3 seconds")
    const [one, two] = yield* claimNow({ types: ["a"], max: 2 })
    if (one === undefined || two === undefined) return assert.fail("no jobs")
    yield* pass("20 seconds")
    yield* finish(one)
    yield* boss.finish(holdingOf(two), { _tag: "Released" })
    const measures = types.get("a")
    if (measures === undefined) return assert.fail("nothing was measured")
    assert.strictEqual(measures.wait.sum, 6)
    assert.strictEqual(measures.run.sum, 40)
    assert.deepStrictEqual(
      [...measures.attempts],
      [
        ["done", 1],
        ["released", 1]
      ]
    )
  }).pipe(Effect.provide(world()))
)

it.effect("knows within an eighth how long those waited that were given away lately", () =>
  Effect.gen(function* () {
    const { recent } = yield* Measures
    const waited = Effect.fnUntraced(function* (seconds: number) {
      yield* submit({ type: "a" })
      yield* pass(Duration.seconds(seconds))
      yield* claimNow({ types: ["a"] })
      yield* settle
    })
    const p95 = Effect.map(Clock.currentTimeMillis, (now) => Histogram.quantile(recent.wait.read(now), 0.95))
    for (let job = 0; job < 20; job++) yield* waited(70)
    const known = yield* p95
    assert.isAtLeast(known ?? 0, 70 / 1.125)
    assert.isAtMost(known ?? Infinity, 70 * 1.125)
    // What was long ago does not count.
    yield* pass("3 minutes")
    assert.isNull(yield* p95)
  }).pipe(Effect.provide(world()))
)

it.effect("counts a job's wait from when it was due, not from when it was created", () =>
  Effect.gen(function* () {
    const hub = yield* EventHub
    const repo = yield* JobRepo
    const { types } = yield* Measures
    yield* submit({ type: "a", delay: Duration.seconds(10) })
    yield* pass("12 seconds")
    yield* hub.publish("promoted", (yield* repo.promote(1)).done)
    yield* claimNow()
    yield* settle
    assert.strictEqual(types.get("a")?.wait.sum, 2)
  }).pipe(Effect.provide(world()))
)

it.effect("has names for so many types, and one for all that come after them", () =>
  Effect.gen(function* () {
    const { labelOf, types } = yield* Measures
    for (let number = 1; number <= mostTypes; number++)
      assert.strictEqual(labelOf(`t${number}`), `t${number}`)
    assert.strictEqual(labelOf("late"), otherTypes)
    assert.strictEqual(labelOf("t1"), "t1")
    yield* start({ type: "later" })
    yield* settle
    assert.strictEqual(types.size, mostTypes + 1)
    const others = types.get(otherTypes)
    assert.strictEqual(others && Histogram.sizeOf(others.wait), 1)
  }).pipe(Effect.provide(world()))
)

it.effect("counts a stream as long as it is read, however it ends", () =>
  Effect.gen(function* () {
    const { streams, whileOpen } = yield* Measures
    const reader = yield* Effect.forkChild(Stream.runDrain(whileOpen("claims")(Stream.never)))
    const failing = yield* Effect.forkChild(
      Effect.exit(Stream.runDrain(whileOpen("claims")(Stream.fail("no"))))
    )
    yield* settle
    yield* Fiber.await(failing)
    assert.strictEqual(streams.claims, 1)
    yield* Fiber.interrupt(reader)
    assert.strictEqual(streams.claims, 0)
  }).pipe(Effect.provide(world()))
)
