/** What the dispatcher holds back: limits, pauses, and what single workers are kept from. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, identity } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { Dispatcher } from "../../../src/domain/dispatching/Dispatcher.ts"
import type { Claimed } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { Outcomes } from "../../../src/domain/attempts/Outcomes.ts"
import type { PolicyOverrides } from "../../../src/domain/policies/PolicyOverrides.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import type { WorkerState } from "../../../src/domain/workers/Worker.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { ending, first, present, transition } from "../../stores/StoreKit.ts"
import { makeMeanwhile } from "../support/meanwhile.ts"
import {
  ask,
  claimNow,
  finish,
  holdingOf,
  jobsOf,
  makePeer,
  many,
  pass,
  settle,
  submit,
  type Repo,
  vacancy,
  world
} from "../support/world.ts"

const rule = (type: string, own: PolicyOverrides) =>
  Effect.flatMap(SupervisorPolicy, (policies) => policies.change(type, null, () => own))

const put = (worker: string, state: WorkerState) =>
  Effect.flatMap(Workers, (workers) => workers.change({ worker, state, reason: null, by: null }))

/** A world that counts the claims of the store, of which there is an end lest a test has none. */
const makeCounter = (change: (claimed: Effect.Effect<Claimed>) => Effect.Effect<Claimed> = identity) => {
  const claims: Array<Parameters<Repo["claim"]>[0]> = []
  return {
    claims,
    layer: world({
      change: (repo) => ({
        claim: (claim) =>
          Effect.suspend(() => {
            claims.push(claim)
            return claims.length > 200 ? Effect.die("it claims for ever") : change(repo.claim(claim))
          })
      })
    })
  }
}

/** Closes the dispatcher, and lets it end what is under way. */
const closed = Effect.andThen(
  Effect.flatMap(Dispatcher, ({ close }) => close),
  pass("20 millis")
)

/** Two who wait, for a minute. */
const askTwo = (wishes: Parameters<typeof ask>[0] = {}) =>
  Effect.tap(
    Effect.forEach(["v", "w"], (worker) => ask({ worker, ...wishes }, "1 minute")),
    () => settle
  )

describe("Dispatcher: limits", () => {
  const counter = makeCounter()
  it.effect("asks the store no more while a limit is reached, and serves at once when an attempt ends", () =>
    Effect.gen(function* () {
      yield* rule("a", { concurrency: 1 })
      yield* submit(...many(3, { type: "a" }))
      const claimed = first(yield* claimNow())
      const waiting = yield* askTwo()
      const asked = counter.claims.length
      assert.isAtMost(asked, 2)
      yield* pass("4999 millis")
      assert.strictEqual(counter.claims.length, asked)
      yield* finish(claimed)
      yield* settle
      assert.deepStrictEqual(waiting.map(jobsOf), [1, "waiting"])
      // And else every five seconds, should news have been lost.
      const later = counter.claims.length
      yield* pass("20 seconds")
      assert.isAtMost(counter.claims.length - later, 5)
    }).pipe(Effect.provide(counter.layer))
  )

  const peer = makePeer()
  it.effect("serves at once when an attempt ended elsewhere, and tells when one ended here", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* rule("a", { concurrency: 1 })
      yield* submit(...many(2, { type: "a" }))
      const elsewhere = first(yield* claimNow())
      const [waiting] = yield* askTwo()
      yield* repo.end([ending(elsewhere, transition("done"))])
      yield* pass("1 second")
      assert.strictEqual(jobsOf(present(waiting)), "waiting")
      yield* peer.say({ freed: ["b", "a"] })
      yield* settle
      assert.strictEqual(jobsOf(present(waiting)), 1)
      const [{ items }] = [yield* repo.list({ status: "processing", limit: 1 })]
      const outcomes = yield* Outcomes
      yield* outcomes.release(first(items))
      assert.deepStrictEqual(peer.told.at(-1)?.freed, ["a"])
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  )

  const freeing = makeMeanwhile()
  it.effect("does not hold what got room while the store was looking", () =>
    Effect.gen(function* () {
      const outcomes = yield* Outcomes
      yield* rule("a", { concurrency: 1 })
      yield* submit(...many(2, { type: "a" }))
      const { job } = first(yield* claimNow())
      // So that it is found out anew.
      yield* rule("a", { concurrency: 1 })
      freeing.set(outcomes.release(job))
      const waiting = yield* askTwo()
      assert.deepStrictEqual(waiting.map(jobsOf), [1, "waiting"])
    }).pipe(Effect.provide(freeing.layer))
  )

  const raising = makeMeanwhile()
  it.effect("does not hold what a limit that was raised has room for while the store was looking", () =>
    Effect.gen(function* () {
      const context = yield* Effect.context<SupervisorPolicy>()
      yield* rule("a", { concurrency: 1 })
      yield* submit(...many(3, { type: "a" }))
      yield* claimNow()
      yield* rule("a", { concurrency: 1 })
      raising.set(Effect.andThen(Effect.provideContext(rule("a", { concurrency: 2 }), context), settle))
      const waiting = yield* askTwo()
      yield* settle
      assert.deepStrictEqual(waiting.map(jobsOf), [1, "waiting"])
    }).pipe(Effect.provide(raising.layer))
  )

  it.effect("serves when the time of a rate limit is up, and not a millisecond before", () =>
    Effect.gen(function* () {
      yield* rule("a", { rateLimit: { limit: 1, period: Duration.millis(1_500) } })
      yield* submit(...many(3, { type: "a" }))
      const waiting = yield* askTwo()
      assert.deepStrictEqual(waiting.map(jobsOf), [1, "waiting"])
      yield* pass("1499 millis")
      assert.deepStrictEqual(waiting.map(jobsOf), [1, "waiting"])
      yield* pass("1 millis")
      assert.deepStrictEqual(waiting.map(jobsOf), [1, 1])
    }).pipe(Effect.provide(world()))
  )

  it.effect("serves at once when a limit is raised or a pause is over", () =>
    Effect.gen(function* () {
      yield* rule("a", { concurrency: 1 })
      yield* rule("b", { paused: true })
      yield* submit(...many(2, { type: "a" }), { type: "b" })
      const ofA = yield* askTwo({ types: ["a"] })
      const ofB = yield* askTwo({ types: ["b"] })
      assert.deepStrictEqual([...ofA, ...ofB].map(jobsOf), [1, "waiting", "waiting", "waiting"])
      yield* rule("a", { concurrency: 2 })
      yield* rule("b", {})
      yield* settle
      // Of those who may have what was paused, the one that is running less.
      assert.deepStrictEqual([...ofA, ...ofB].map(jobsOf).toSorted(), [1, 1, 1, "waiting"])
    }).pipe(Effect.provide(world()))
  )

  const each = makeCounter()
  it.effect("gives each no more than it may have, all in one claim, and shares out all the same", () =>
    Effect.gen(function* () {
      yield* rule("a", { perWorker: 2 })
      const greedy = yield* ask({ worker: "greedy", max: 5 })
      const modest = yield* ask({ worker: "modest" })
      yield* settle
      yield* submit(...many(5, { type: "a" }))
      yield* settle
      assert.deepStrictEqual([jobsOf(greedy), jobsOf(modest)], [2, 1])
      assert.lengthOf(each.claims[0]?.seekers ?? [], 2)
      // The one that has all it may have is in nobody's way.
      const again = yield* ask({ worker: "greedy" })
      const other = yield* ask({ worker: "other" })
      yield* settle
      assert.deepStrictEqual([jobsOf(again), jobsOf(other)], ["waiting", 1])
    }).pipe(Effect.provide(each.layer))
  )

  it.effect("serves at once who comes while all others of its kind have what each may have", () =>
    Effect.gen(function* () {
      yield* rule("a", { perWorker: 1 })
      yield* submit(...many(3, { type: "a" }))
      yield* askTwo()
      const again = yield* askTwo()
      // What is held is found out anew now and then, by a claim that finds nothing for them.
      yield* pass("5 seconds")
      const other = yield* claimNow({ worker: "x" })
      assert.lengthOf(other, 1)
      assert.deepStrictEqual(again.map(jobsOf), ["waiting", "waiting"])
    }).pipe(Effect.provide(world()))
  )

  it.effect(
    "answers in time who has all it may have while others of its kind are served without a pause",
    () =>
      Effect.gen(function* () {
        const boss = yield* Boss
        yield* rule("a", { perWorker: 1 })
        yield* submit(...many(1_000, { type: "a" }))
        const work = (worker: string) =>
          Effect.repeat(
            Effect.tap(boss.claim(vacancy({ worker }), Duration.seconds(10)), (jobs) =>
              Effect.forEach(jobs, finish, { discard: true })
            ),
            { until: (jobs) => jobs.length === 0 }
          )
        const full = yield* ask({ worker: "full" })
        yield* pass("10 millis")
        assert.strictEqual(jobsOf(full), 1)
        yield* Effect.forEach(["v", "w", "x"], (worker) => Effect.forkChild(work(worker)))
        const again = yield* ask({ worker: "full" }, "300 millis")
        yield* pass("299 millis")
        assert.strictEqual(jobsOf(again), "waiting")
        yield* pass("21 millis")
        assert.strictEqual(jobsOf(again), 0)
      }).pipe(
        // A claim that is under way is waited for, so the time has to go on.
        Effect.ensuring(closed),
        Effect.provide(
          world({
            change: (repo) => ({
              claim: (claim) => Effect.andThen(Effect.sleep("2 millis"), repo.claim(claim))
            })
          })
        )
      )
  )
})

describe("Dispatcher: restrictions", () => {
  it.effect("gives a paused worker nothing until it is active again, and others all the same", () =>
    Effect.gen(function* () {
      yield* put("v", "paused")
      yield* submit(...many(2, { type: "a" }))
      const waiting = yield* askTwo()
      assert.deepStrictEqual(waiting.map(jobsOf), ["waiting", 1])
      const late = yield* ask({ worker: "v" }, "2 seconds")
      yield* pass("2 seconds")
      assert.strictEqual(jobsOf(late), 0)
      yield* put("v", "active")
      yield* settle
      assert.deepStrictEqual(waiting.map(jobsOf), [1, 1])
    }).pipe(Effect.provide(world()))
  )

  const quick = { failures: 1, within: Duration.minutes(1), for: Duration.seconds(7) }
  it.effect("gives a worker in quarantine no jobs of that type, but of others, until its time is over", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* rule("a", { quarantine: quick, maxAttempts: 1 })
      yield* submit(...many(2, { type: "a" }), { type: "b" })
      const failed = first(yield* claimNow({ worker: "v", types: ["a"] }))
      const report = { _tag: "Failed", error: "broken", retryable: true, retryIn: null } as const
      yield* boss.finish(holdingOf(failed), report)
      const waiting = yield* ask({ worker: "v", types: ["a"] }, "1 minute")
      assert.strictEqual(first(yield* claimNow({ worker: "v" })).job.group.type, "b")
      yield* pass("6999 millis")
      assert.strictEqual(jobsOf(waiting), "waiting")
      yield* pass("1 millis")
      assert.strictEqual(jobsOf(waiting), 1)
    }).pipe(Effect.provide(world()))
  )
})

describe("Dispatcher: fairness", () => {
  it.effect("gives a tenant its turns beside another that has far more, job by job", () =>
    Effect.gen(function* () {
      yield* submit(...many(1_000, { type: "a", fairnessKey: "flood" }))
      yield* pass("1 minute")
      yield* submit(...many(10, { type: "a", fairnessKey: "small", priority: 0 }))
      yield* submit(...many(5, { type: "b" }))
      const given: Array<string | null> = []
      for (let turn = 0; turn < 30; turn++) given.push(first(yield* claimNow()).job.group.fairnessKey)
      const counts = ["flood", "small", null].map((key) => given.filter((one) => one === key).length)
      assert.deepStrictEqual(counts, [15, 10, 5])
      assert.isAtMost(given.lastIndexOf("small"), 2 * 10 + 5)
    }).pipe(Effect.provide(world()))
  )

  it.effect("serves each of 600 tenants before any of them a second time", () =>
    Effect.gen(function* () {
      const tenants = Array.from({ length: 600 }, (_, index) => ({
        type: "a",
        fairnessKey: `tenant-${index}`
      }))
      yield* submit(...tenants)
      yield* submit(...tenants)
      const jobs = yield* Effect.forEach(Array.from({ length: 30 }), () => claimNow({ max: 20 }))
      assert.strictEqual(new Set(jobs.flat().map(({ job }) => job.group.fairnessKey)).size, 600)
    }).pipe(Effect.provide(world()))
  )
})
