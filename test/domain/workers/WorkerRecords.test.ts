/** How many jobs workers hold, as this server knows before it asks the store again. */
import { assert, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { WorkerRecords } from "../../../src/domain/workers/WorkerRecords.ts"
import { holdingOf, pass, settle, start, world } from "../support/world.ts"

const running = Effect.map(WorkerRecords, (records) => records.of("worker").running)

/** Fails the jobs that are not finished in time, as the duty does that is there for it. */
const expire = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const { done } = yield* repo.expire(10)
  yield* hub.publish("expired", done)
  return done.length
})

it.effect("knows at once that a worker does not hold a job any more that has expired", () =>
  Effect.gen(function* () {
    yield* start({ type: "type", expiresIn: Duration.seconds(1) })
    yield* start({ type: "type" })
    yield* settle
    assert.strictEqual(yield* running, 2)
    yield* pass("1 second")
    assert.strictEqual(yield* expire, 1)
    assert.strictEqual(yield* running, 1)
  }).pipe(Effect.provide(world()))
)

it.effect("does not take a job that was handed back before it expired for one that is held", () =>
  Effect.gen(function* () {
    const boss = yield* Boss
    const released = yield* start({ type: "type", expiresIn: Duration.seconds(2) })
    yield* start({ type: "other" })
    yield* pass("1 second")
    yield* Effect.orDie(boss.finish(holdingOf(released), { _tag: "Released" }))
    assert.strictEqual(yield* running, 1)
    yield* pass("1 second")
    assert.strictEqual(yield* expire, 1)
    assert.strictEqual(yield* running, 1)
  }).pipe(Effect.provide(world()))
)
