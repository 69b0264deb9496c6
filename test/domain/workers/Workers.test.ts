import { assert, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Latch, Option } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { Restrictions } from "../../../src/domain/workers/Restrictions.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { first } from "../../stores/StoreKit.ts"
import {
  claimNow,
  exitOf,
  finish,
  holdingOf,
  makeOutage,
  makePeer,
  pass,
  policy,
  settle,
  start,
  submit,
  vacancy,
  world
} from "../support/world.ts"

const impatient = {
  ...policy,
  quarantine: { failures: 1, within: Duration.minutes(1), for: Duration.seconds(30) }
}

const failed = { _tag: "Failed", error: null, retryable: false, retryIn: null } as const

const stored = Effect.flatMap(WorkerRepo, (repo) => repo.find(["worker"]))
const restriction = Effect.map(Restrictions, (restrictions) => restrictions.of("worker"))

it.effect("writes down who was there and what came of it, together after a while", () =>
  Effect.gen(function* () {
    const claimed = yield* start({ type: "type" })
    yield* pass("1 second")
    yield* finish(claimed)
    assert.deepStrictEqual(yield* stored, [])
    yield* pass("1 second")
    const { record, types } = first(yield* stored)
    assert.deepStrictEqual(types, ["type"])
    assert.deepStrictEqual(record, [
      { type: "type", done: 1, failed: 0, lost: 0, medianRun: Duration.seconds(1) }
    ])
  }).pipe(Effect.provide(world()))
)

it.effect("knows at once what it has noted, for whoever asks", () =>
  Effect.gen(function* () {
    const workers = yield* Workers
    assert.isNull(yield* workers.find("worker"))
    workers.saw("worker")
    assert.strictEqual((yield* workers.find("worker"))?.name, "worker")
  }).pipe(Effect.provide(world()))
)

/** Lets the store take its time over a step: it has begun, and is not over before it is let go. */
const makeObstacle = Effect.gen(function* () {
  const mayGoOn = yield* Latch.make(false)
  let begun = 0
  return {
    begun: () => begun,
    letGo: mayGoOn.open,
    hold: <A>(step: Effect.Effect<A>): Effect.Effect<A> =>
      Effect.suspend(() => {
        begun += 1
        return Effect.andThen(mayGoOn.await, step)
      })
  }
})

const workDone = Effect.map(stored, (found) => found.flatMap(({ record }) => record.map(({ done }) => done)))

it.effect("credits work once and does not lose it, whoever asks at the same time and goes away", () =>
  Effect.gen(function* () {
    const obstacle = yield* makeObstacle
    yield* Effect.gen(function* () {
      const workers = yield* Workers
      yield* finish(yield* start({ type: "type" }))
      const gone = yield* Effect.forkChild(workers.find("worker"))
      yield* settle
      assert.strictEqual(obstacle.begun(), 1)
      const other = yield* Effect.forkChild(workers.find("worker"))
      const going = yield* Effect.forkChild(Fiber.interrupt(gone))
      yield* pass("2 seconds")
      assert.strictEqual(obstacle.begun(), 1)
      yield* obstacle.letGo
      yield* Fiber.join(going)
      assert.deepStrictEqual((yield* Fiber.join(other))?.record[0]?.done, 1)
      assert.deepStrictEqual(yield* workDone, [1])
    }).pipe(
      Effect.provide(
        world({ changeWorkers: (repo) => ({ credit: (batch) => obstacle.hold(repo.credit(batch)) }) })
      )
    )
  })
)

it.effect("writes down after an outage what it could not write for who asked meanwhile", () => {
  const outage = makeOutage()
  return Effect.gen(function* () {
    const workers = yield* Workers
    yield* finish(yield* start({ type: "type" }))
    yield* outage.begin
    assert.isTrue(Exit.isFailure(yield* Effect.exit(workers.find("worker"))))
    yield* finish(yield* start({ type: "type" }))
    yield* outage.end
    yield* pass("3 seconds")
    assert.deepStrictEqual(yield* workDone, [2])
  }).pipe(
    Effect.provide(
      world({ changeWorkers: (repo) => ({ credit: (batch) => outage.guard(repo.credit(batch)) }) })
    )
  )
})

it.effect("writes down who was there after it could not for who asked", () => {
  const outage = makeOutage()
  return Effect.gen(function* () {
    const workers = yield* Workers
    workers.saw("worker")
    yield* outage.begin
    assert.isTrue(Exit.isFailure(yield* Effect.exit(workers.find("worker"))))
    yield* outage.end
    yield* pass("3 seconds")
    assert.lengthOf(yield* stored, 1)
  }).pipe(
    Effect.provide(world({ changeWorkers: (repo) => ({ see: (batch) => outage.guard(repo.see(batch)) }) }))
  )
})

it.effect("puts a worker into a state here and tells of it, though whoever asked has gone meanwhile", () => {
  const peer = makePeer()
  return Effect.gen(function* () {
    const obstacle = yield* makeObstacle
    yield* Effect.gen(function* () {
      const workers = yield* Workers
      const asked = yield* Effect.forkChild(
        workers.change({ worker: "worker", state: "paused", reason: null, by: null })
      )
      yield* settle
      assert.strictEqual(obstacle.begun(), 1)
      const going = yield* Effect.forkChild(Fiber.interrupt(asked))
      yield* settle
      yield* obstacle.letGo
      yield* Fiber.join(going)
      assert.strictEqual((yield* restriction)?.isIdle, true)
      assert.isTrue(peer.told.some(({ supervision }) => supervision.includes("states of workers")))
    }).pipe(
      Effect.provide(
        world({
          peers: peer.layer,
          changeWorkers: (repo) => ({ change: (change) => obstacle.hold(repo.change(change)) })
        })
      )
    )
  })
})

it.effect("keeps a worker in sight as long as its connection is open", () =>
  Effect.gen(function* () {
    const workers = yield* Workers
    const repo = yield* WorkerRepo
    yield* Effect.gen(function* () {
      yield* workers.keepInSight("worker", vacancy().suitability)
      yield* pass("10 minutes")
      assert.deepStrictEqual((yield* repo.noticeGone(10)).done, [])
    }).pipe(Effect.scoped)
    yield* pass("82 seconds")
    assert.deepStrictEqual((yield* repo.noticeGone(10)).done, ["worker"])
  }).pipe(Effect.provide(world()))
)

it.effect("ends a quarantine by itself, to the millisecond, and tells who listens", () =>
  Effect.gen(function* () {
    const boss = yield* Boss
    const restrictions = yield* Restrictions
    let changes = 0
    yield* restrictions.listen(() => {
      changes += 1
    })
    assert.isNull(yield* restriction)
    yield* boss.finish(holdingOf(yield* start({ type: "type" })), failed)
    assert.deepStrictEqual(yield* restriction, { isIdle: false, types: new Set(["type"]) })
    const begun = changes
    yield* pass(Duration.millis(29_999))
    assert.deepStrictEqual((yield* restriction)?.types, new Set(["type"]))
    yield* pass(Duration.millis(1))
    assert.strictEqual((yield* restriction)?.types.size ?? 0, 0)
    assert.isAbove(changes, begun)
  }).pipe(Effect.scoped, Effect.provide(world({ policy: impatient })))
)

it.effect("tells who listens of changes alone, however often it looks", () =>
  Effect.gen(function* () {
    const boss = yield* Boss
    const workers = yield* Workers
    const restrictions = yield* Restrictions
    yield* boss.finish(holdingOf(yield* start({ type: "type" })), failed)
    let changes = 0
    yield* restrictions.listen(() => {
      changes += 1
    })
    yield* pass("16 seconds")
    yield* restrictions.refresh
    yield* settle
    assert.strictEqual(changes, 0)
    const put = (state: "active" | "paused") =>
      workers.change({ worker: "worker", state, reason: null, by: null })
    yield* put("paused")
    assert.strictEqual(changes, 1)
    yield* put("active")
    assert.strictEqual(changes, 2)
  }).pipe(Effect.scoped, Effect.provide(world({ policy: impatient })))
)

it.effect("lets nobody wait for the verdict on a worker but who reported its failure", () =>
  Effect.gen(function* () {
    const obstacle = yield* makeObstacle
    yield* Effect.gen(function* () {
      const boss = yield* Boss
      const [bad, good, late] = [
        yield* start({ type: "type" }),
        yield* start({ type: "type" }),
        yield* start({ type: "type" })
      ]
      const failing = yield* Effect.forkChild(boss.finish(holdingOf(bad), failed))
      const succeeding = yield* Effect.forkChild(finish(good))
      yield* settle
      assert.strictEqual(obstacle.begun(), 1)
      assert.isDefined(exitOf(succeeding))
      const next = yield* Effect.forkChild(finish(late))
      yield* settle
      assert.isDefined(exitOf(next))
      assert.isUndefined(exitOf(failing))
      yield* obstacle.letGo
      yield* Fiber.join(failing)
      assert.deepStrictEqual(yield* restriction, { isIdle: false, types: new Set(["type"]) })
    }).pipe(
      Effect.ensuring(obstacle.letGo),
      Effect.provide(
        world({
          policy: impatient,
          changeWorkers: (repo) => ({ quarantine: (batch) => obstacle.hold(repo.quarantine(batch)) })
        })
      )
    )
  })
)

it.effect("looks at a worker that has hung up while its failure was recorded", () =>
  Effect.gen(function* () {
    const obstacle = yield* makeObstacle
    yield* Effect.gen(function* () {
      const boss = yield* Boss
      const failing = yield* Effect.forkChild(boss.finish(holdingOf(yield* start({ type: "type" })), failed))
      yield* settle
      const going = yield* Effect.forkChild(Fiber.interrupt(failing))
      yield* settle
      yield* obstacle.letGo
      yield* Fiber.join(going)
      assert.deepStrictEqual(yield* restriction, { isIdle: false, types: new Set(["type"]) })
    }).pipe(
      Effect.ensuring(obstacle.letGo),
      Effect.provide(
        world({
          policy: impatient,
          change: (repo) => ({ end: (batch) => obstacle.hold(repo.end(batch)) })
        })
      )
    )
  })
)

it.effect("takes from a worker what it holds when another server says that it is banned", () => {
  const peer = makePeer()
  return Effect.gen(function* () {
    const boss = yield* Boss
    const repo = yield* WorkerRepo
    const { attempt, job } = yield* start({ type: "type" })
    yield* repo.change({ worker: "worker", state: "banned", reason: null, by: null })
    yield* settle
    assert.strictEqual((yield* boss.find(job.id, Duration.zero)).status, "processing")
    yield* peer.say({ supervision: ["states of workers"] })
    yield* settle
    assert.strictEqual((yield* boss.attempt(job.id, attempt.id, anyone(Option.none()))).outcome, "released")
    assert.strictEqual((yield* restriction)?.isIdle, true)
  }).pipe(Effect.provide(world({ peers: peer.layer })))
})

it.effect(
  "takes from the instances of a worker what they hold, though nobody has written down that they are there",
  () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const workers = yield* Workers
      yield* submit({ type: "type" })
      const { attempt, job } = first(yield* claimNow({ worker: "pool/1" }))
      assert.deepStrictEqual(yield* Effect.flatMap(WorkerRepo, (repo) => repo.find(["pool/1"])), [])
      yield* workers.change({ worker: "pool", state: "banned", reason: null, by: null })
      assert.strictEqual((yield* boss.attempt(job.id, attempt.id, anyone(Option.none()))).outcome, "released")
    }).pipe(Effect.provide(world()))
)

it.effect("tells the other servers of a state that it puts a worker into", () => {
  const peer = makePeer()
  return Effect.gen(function* () {
    const workers = yield* Workers
    yield* workers.change({ worker: "worker", state: "paused", reason: null, by: "ada" })
    assert.isTrue(peer.told.some(({ supervision }) => supervision.includes("states of workers")))
  }).pipe(Effect.provide(world({ peers: peer.layer })))
})
