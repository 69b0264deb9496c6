import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Latch, Layer } from "effect"
import type { Boss } from "../../../src/domain/Boss.ts"
import { Dispatcher } from "../../../src/domain/dispatching/Dispatcher.ts"
import type { Claim } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../../src/domain/StoreUnavailable.ts"
import { findOne, first, insert, newGroup, newJob } from "../../stores/StoreKit.ts"
import {
  ask,
  census,
  claimNow,
  exitOf,
  finish,
  jobsOf,
  makeOutage,
  makePeer,
  many,
  pass,
  settle,
  submit,
  vacancy,
  world
} from "../support/world.ts"

/** A store that counts its claims, and how many slots each of them had. There is an end to them, lest a test has none. */
const makeCounter = () => {
  const slots: Array<number> = []
  return {
    slots,
    layer: world({
      change: (repo) => ({
        claim: (claim) =>
          Effect.suspend(() => {
            slots.push(claim.attempts.length)
            return slots.length > 500 ? Effect.die("it claims for ever") : repo.claim(claim)
          })
      })
    })
  }
}

/** A store whose claims can be held up. */
const makeHold = () => {
  const latch = Latch.makeUnsafe(true)
  let underWay = 0
  return {
    latch,
    underWay: () => underWay,
    layer: world({
      change: (repo) => ({
        claim: (claim) =>
          Effect.suspend(() => {
            underWay += 1
            return Effect.andThen(latch.await, repo.claim(claim)).pipe(
              Effect.ensuring(
                Effect.sync(() => {
                  underWay -= 1
                })
              )
            )
          })
      })
    })
  }
}

const workersOf = (fibers: ReadonlyArray<Fiber.Fiber<ReadonlyArray<unknown>>>) =>
  fibers.map((fiber) => {
    const exit = exitOf(fiber)
    return exit !== undefined && Exit.isSuccess(exit) ? exit.value.length : 0
  })

describe("Dispatcher: waiting", () => {
  it.effect("gives at once what is pending already, even to who does not wait", () =>
    Effect.gen(function* () {
      yield* submit({ type: "a" })
      assert.lengthOf(yield* claimNow(), 1)
      assert.lengthOf(yield* claimNow(), 0)
    }).pipe(Effect.provide(world()))
  )

  it.effect("gives a job as soon as it is there", () =>
    Effect.gen(function* () {
      const waiting = yield* ask({ types: ["a"] })
      yield* pass("5 seconds")
      assert.strictEqual(jobsOf(waiting), "waiting")
      yield* submit({ type: "b" }, { type: "a" })
      yield* settle
      assert.strictEqual(jobsOf(waiting), 1)
    }).pipe(Effect.provide(world()))
  )

  it.effect("answers with nothing when the time is up, and not a millisecond before", () =>
    Effect.gen(function* () {
      const waiting = yield* ask({}, "300 millis")
      yield* pass("299 millis")
      assert.strictEqual(jobsOf(waiting), "waiting")
      yield* pass("1 millis")
      assert.strictEqual(jobsOf(waiting), 0)
    }).pipe(Effect.provide(world()))
  )

  const idle = makeCounter()
  it.effect("claims nothing while there is nothing", () =>
    Effect.gen(function* () {
      const waiting = yield* ask({}, "1 minute")
      yield* pass("59 seconds")
      assert.deepStrictEqual([jobsOf(waiting), idle.slots], ["waiting", []])
    }).pipe(Effect.provide(idle.layer))
  )

  const peer = makePeer()
  it.effect("hears of the work of other servers, and finds by itself what nobody told", () =>
    Effect.gen(function* () {
      const told = yield* ask({ types: ["told"] }, "1 minute")
      const untold = yield* ask({ types: ["untold"] }, "1 minute")
      yield* settle
      const [{ group }] = [first(yield* insert(newJob({ group: newGroup({ type: "told" }) })))]
      yield* peer.say({ groups: [group.id] })
      yield* settle
      assert.strictEqual(jobsOf(told), 1)
      yield* insert(newJob({ group: newGroup({ type: "untold" }) }))
      yield* pass("4999 millis")
      assert.strictEqual(jobsOf(untold), "waiting")
      yield* pass("1 millis")
      assert.strictEqual(jobsOf(untold), 1)
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  )
})

describe("Dispatcher: sharing", () => {
  it.effect("gives one each to a worker that wants ten and one that wants one", () =>
    Effect.gen(function* () {
      const greedy = yield* ask({ worker: "greedy", max: 10 })
      const modest = yield* ask({ worker: "modest", max: 1 })
      yield* settle
      yield* submit(...many(2, { type: "a" }))
      yield* settle
      assert.deepStrictEqual([jobsOf(greedy), jobsOf(modest)], [1, 1])
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes round until each has what it wants or nothing is left", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forEach([5, 1, 2, 5], (max) => ask({ max }))
      yield* settle
      yield* submit(...many(10, { type: "a" }))
      yield* settle
      assert.deepStrictEqual(workersOf(waiting), [4, 1, 2, 3])
    }).pipe(Effect.provide(world()))
  )

  it.effect("keeps to what each can do", () =>
    Effect.gen(function* () {
      const gpu = yield* ask({ skills: { gpu: true } })
      const plain = yield* ask({})
      yield* settle
      yield* submit({ type: "a", constraints: [{ skill: "gpu", op: "exists" }] })
      yield* settle
      assert.deepStrictEqual([jobsOf(gpu), jobsOf(plain)], [1, "waiting"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("takes what a worker does not accept for others", () =>
    Effect.gen(function* () {
      const picky = yield* ask({ accepts: [{ tag: "x", op: "exists" }] })
      yield* submit({ type: "a" })
      yield* settle
      const other = yield* ask({})
      yield* settle
      assert.deepStrictEqual([jobsOf(picky), jobsOf(other)], ["waiting", 1])
      yield* submit({ type: "a", tags: ["x"] })
      yield* settle
      assert.strictEqual(jobsOf(picky), 1)
    }).pipe(Effect.provide(makeCounter().layer))
  )

  it.effect("lets a group beyond those that are claimed from at once have its turn", () =>
    Effect.gen(function* () {
      const others = Array.from({ length: 256 }, (_, index) => ({ type: `other-${index}` }))
      yield* submit(...others, ...others)
      yield* submit({ type: "last" })
      yield* pass("1 second")
      yield* submit(...others, ...others)
      const given: Array<string> = []
      for (let turn = 0; turn < 600; turn++) given.push(first(yield* claimNow()).job.group.type)
      // After about as many as came before it, and before those that came after it.
      assert.closeTo(given.indexOf("last"), 512, 16)
    }).pipe(Effect.provide(world()))
  )

  // A batch that is not full is no sign that there is no more: after a restart, nothing is known of the number.
  const restarted = makeCounter()
  it.effect("claims for all who wait at once, however often it has claimed before", () =>
    Effect.gen(function* () {
      yield* insert(...many(5_000, { type: "a" }).map(() => newJob({ group: newGroup({ type: "a" }) })))
      for (let round = 0; round < 60; round++) {
        const waiting = yield* Effect.forEach(many(64, { type: "a" }), () => ask({}, "1 minute"))
        yield* round === 0 ? pass("5 seconds") : settle
        for (const fiber of waiting) assert.strictEqual(jobsOf(fiber), 1)
      }
      // One for the first who comes, one for all the others, and now and then one more.
      assert.isAtMost(restarted.slots.length, 2.1 * 60, restarted.slots.join())
    }).pipe(Effect.provide(restarted.layer))
  )
})

describe("Dispatcher: kinds of workers", () => {
  const claims: Array<number> = []
  // Should it go round for ever, then at least not in this test.
  const patient = world({
    change: (repo) => ({
      claim: (claim) =>
        Effect.suspend(() => {
          claims.push(claim.sources.length)
          return claims.length > 100 ? Effect.die("it claims for ever") : repo.claim(claim)
        })
    })
  })
  it.effect("looks once through 600 groups of which a worker accepts nothing", () =>
    Effect.gen(function* () {
      yield* submit(...Array.from({ length: 600 }, (_, index) => ({ type: `type-${index}` })))
      yield* settle
      const picky = yield* ask({ accepts: [{ tag: "x", op: "exists" }] }, "200 millis")
      const other = yield* ask({ types: ["none"] }, "200 millis")
      yield* settle
      assert.deepStrictEqual(claims, [...Array.from({ length: 25 }, () => 24)])
      yield* pass("200 millis")
      assert.deepStrictEqual([jobsOf(picky), jobsOf(other)], [0, 0])
    }).pipe(Effect.provide(patient))
  )

  /** Beside workers of two kinds that always want more, of which there is more than enough, with claims of 2 ms. */
  const besideBusyOnes = <E>(test: Effect.Effect<void, E, Boss | Dispatcher>) =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      for (const type of ["busy-1", "busy-2"]) {
        yield* submit(...many(1_000, { type }))
        const work = Effect.repeat(dispatcher.claim(vacancy({ types: [type] }), Duration.seconds(10)), {
          until: (jobs) => jobs.length === 0
        })
        yield* Effect.forkChild(work)
        yield* Effect.forkChild(work)
      }
      yield* pass("20 millis")
      // A claim that is under way is waited for, so the time has to go on.
      yield* Effect.ensuring(test, Effect.andThen(dispatcher.close, pass("20 millis")))
    }).pipe(
      Effect.provide(
        world({
          change: (repo) => ({
            claim: (claim) => Effect.andThen(Effect.sleep("2 millis"), repo.claim(claim))
          })
        })
      )
    )

  it.effect("answers a poll in time while others are served without a pause", () =>
    Effect.gen(function* () {
      const idle = yield* ask({ types: ["idle"] }, "300 millis")
      yield* pass("299 millis")
      assert.strictEqual(jobsOf(idle), "waiting")
      yield* pass("11 millis")
      assert.strictEqual(jobsOf(idle), 0)
    }).pipe(besideBusyOnes)
  )

  it.effect("gives a job to a third kind while two are served without a pause, and the next one too", () =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 3; turn++) {
        const third = yield* ask({ types: ["third"], max: 2 })
        yield* submit({ type: "third" })
        yield* pass("20 millis")
        assert.strictEqual(jobsOf(third), 1, `turn ${turn}`)
      }
    }).pipe(besideBusyOnes)
  )

  it.effect("gives new jobs to who was asked for in vain while others are served without a pause", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forEach([1, 2, 3], () => ask({ types: ["third"] }))
      for (let turn = 1; turn <= 3; turn++) {
        yield* submit({ type: "third" })
        yield* pass("20 millis")
        assert.strictEqual(workersOf(waiting).filter((jobs) => jobs === 1).length, turn)
      }
    }).pipe(besideBusyOnes)
  )
})

describe("Dispatcher: leaving", () => {
  const held = makeHold()
  it.effect("gives back the job of a vacancy that left while the claim was under way", () =>
    Effect.gen(function* () {
      yield* held.latch.close
      const leaving = yield* ask({ worker: "leaving" })
      yield* submit({ type: "a" })
      yield* settle
      assert.strictEqual(held.underWay(), 1)
      yield* Fiber.interrupt(leaving)
      yield* held.latch.open
      yield* settle
      assert.deepStrictEqual(yield* census, { pending: 1 })
      const again = yield* findOne(first(yield* claimNow({ worker: "staying" })).job.id)
      assert.deepStrictEqual([again.failures, again.losses], [0, 0])
    }).pipe(Effect.provide(held.layer))
  )

  const shared = makeHold()
  it.effect("gives back only the jobs of who left", () =>
    Effect.gen(function* () {
      yield* shared.latch.close
      const leaving = yield* ask({ worker: "leaving", max: 2 })
      const staying = yield* ask({ worker: "staying", max: 2 })
      yield* submit(...many(4, { type: "a" }))
      yield* settle
      yield* Fiber.interrupt(leaving)
      yield* shared.latch.open
      yield* settle
      assert.strictEqual(jobsOf(staying), 2)
      assert.deepStrictEqual(yield* census, { pending: 2, processing: 2 })
    }).pipe(Effect.provide(shared.layer))
  )

  const late = makeHold()
  it.effect("gives a job to a vacancy whose time is up while the claim is under way", () =>
    Effect.gen(function* () {
      yield* late.latch.close
      const waiting = yield* ask({}, "100 millis")
      yield* submit({ type: "a" })
      yield* pass("1 second")
      assert.strictEqual(jobsOf(waiting), "waiting")
      yield* late.latch.open
      yield* settle
      assert.strictEqual(jobsOf(waiting), 1)
    }).pipe(Effect.provide(late.layer))
  )

  it.effect("gives back what it is asked to, unless it has ended by itself", () =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      yield* submit(...many(2, { type: "a" }))
      const jobs = yield* claimNow({ max: 2 })
      yield* finish(first(jobs))
      yield* dispatcher.giveBack(jobs)
      assert.deepStrictEqual(yield* census, { done: 1, pending: 1 })
    }).pipe(Effect.provide(world()))
  )
})

describe("Dispatcher: closing", () => {
  it.effect("answers all that wait, now and later, and gives nothing more", () =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      const waiting = yield* Effect.forEach(["a", "b", "b"], (type) => ask({ types: [type] }))
      yield* settle
      assert.isFalse(yield* dispatcher.isClosed)
      yield* dispatcher.close
      yield* settle
      assert.deepStrictEqual(waiting.map(jobsOf), [0, 0, 0])
      yield* submit({ type: "a" })
      assert.deepStrictEqual(yield* claimNow(), [])
      const later = yield* ask({})
      yield* settle
      assert.strictEqual(jobsOf(later), 0)
      assert.isTrue(yield* dispatcher.isClosed)
      assert.deepStrictEqual(yield* census, { pending: 1 })
    }).pipe(Effect.provide(world()))
  )

  const held = makeHold()
  it.effect("delivers what is being claimed", () =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      yield* held.latch.close
      const served = yield* ask({ types: ["a"] })
      yield* submit({ type: "a" })
      yield* settle
      const other = yield* ask({ types: ["b"] })
      yield* submit({ type: "b" })
      yield* settle
      yield* dispatcher.close
      yield* held.latch.open
      yield* settle
      assert.deepStrictEqual([served, other].map(jobsOf), [1, 0])
      assert.deepStrictEqual(yield* census, { pending: 1, processing: 1 })
    }).pipe(Effect.provide(held.layer))
  )

  const outage = makeOutage()
  it.effect("serves the others although the claims of one kind always fail", () => {
    const isUnlucky = ({ seekers }: Claim) => seekers.some(({ worker }) => worker === "unlucky")
    const broken = world({
      change: (repo) => ({
        claim: (claim) => (isUnlucky(claim) ? Effect.die(new Error("line 42")) : repo.claim(claim))
      })
    })
    return Effect.gen(function* () {
      const unlucky = yield* ask({ worker: "unlucky", types: ["a"] })
      const lucky = yield* ask({ worker: "lucky", types: ["b"] })
      yield* submit({ type: "a" }, { type: "b" })
      yield* settle
      assert.deepStrictEqual([jobsOf(unlucky), jobsOf(lucky)], ["waiting", 1])
    }).pipe(Effect.provide(broken))
  })

  it.effect("answers all while the store is away", () =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      yield* outage.begin
      const waiting = yield* ask({})
      yield* submit({ type: "a" })
      yield* settle
      yield* dispatcher.close
      yield* pass("1 second")
      assert.strictEqual(jobsOf(waiting), 0)
    }).pipe(
      Effect.provide(world({ change: (repo) => ({ claim: (claim) => outage.guard(repo.claim(claim)) }) }))
    )
  )
})

describe("Dispatcher: without the store", () => {
  const outage = makeOutage()
  const away = world({
    change: (repo) => ({
      claim: (claim) => outage.guard(repo.claim(claim)),
      pendingGroups: outage.guard(repo.pendingGroups)
    })
  })

  it.effect("answers who is out of time with the failure, and serves the others when the store is back", () =>
    Effect.gen(function* () {
      yield* settle
      yield* outage.begin
      const patient = yield* ask({}, "1 minute")
      const hasty = yield* ask({}, "700 millis")
      yield* submit(...many(2, { type: "a" }))
      yield* pass("699 millis")
      assert.deepStrictEqual([jobsOf(hasty), jobsOf(patient)], ["waiting", "waiting"])
      // Tried twice a second.
      yield* pass("501 millis")
      const exit = yield* Fiber.await(hasty)
      if (Exit.isSuccess(exit)) return assert.fail("it did not fail")
      assert.instanceOf(Cause.squash(exit.cause), StoreUnavailable)
      assert.strictEqual(jobsOf(patient), "waiting")
      yield* outage.end
      yield* pass("500 millis")
      assert.strictEqual(jobsOf(patient), 1)
      assert.lengthOf(yield* claimNow(), 1)
    }).pipe(Effect.provide(away))
  )

  const outages = makeOutage()
  let claims = 0
  it.effect("asks the store once for all, whatever they can do, as long as it is away", () =>
    Effect.gen(function* () {
      for (const type of ["a", "b", "c"]) {
        yield* ask({ types: [type] }, "1 minute")
        yield* submit({ type }, { type })
      }
      yield* settle
      yield* outages.begin
      claims = 0
      for (const type of ["a", "b", "c"]) yield* ask({ types: [type] }, "1 minute")
      yield* settle
      assert.strictEqual(claims, 1)
    }).pipe(
      Effect.provide(
        world({
          change: (repo) => ({
            claim: (claim) =>
              Effect.suspend(() => {
                claims += 1
                return outages.guard(repo.claim(claim))
              })
          })
        })
      )
    )
  )

  it.effect("answers a wait of zero with the failure after half a second at most", () =>
    Effect.gen(function* () {
      yield* settle
      yield* submit({ type: "a" })
      yield* settle
      yield* outage.begin
      const waiting = yield* ask({}, 0)
      yield* pass("500 millis")
      yield* outage.end
      assert.strictEqual(jobsOf(waiting), "failed")
    }).pipe(Effect.provide(away))
  )

  it.effect("finds what was pending before it started, though the store was away then", () =>
    Effect.gen(function* () {
      yield* outage.begin
      yield* insert(newJob())
      const waiting = yield* ask({}, "1 minute")
      yield* pass("2 seconds")
      yield* outage.end
      yield* pass("500 millis")
      assert.strictEqual(jobsOf(waiting), 1)
      assert.lengthOf(yield* Effect.flatMap(JobRepo, ({ pendingGroups }) => pendingGroups), 0)
    }).pipe(Effect.provide(Layer.unwrap(Effect.as(outage.begin, away))))
  )
})
