/** Duties that tell of jobs that wait: of which constraints were relaxed, and who could take those that nobody claims. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { WorkerReport } from "../../../src/domain/attempts/Reporting.ts"
import type { BossEventJson } from "../../../src/domain/events/BossEvent.ts"
import type { Constraint } from "../../../src/domain/matching/Constraint.ts"
import { EventFeed, gathering } from "../../../src/domain/events/EventFeed.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { DutiesLive } from "../../../src/server/Application.ts"
import { tellRelaxedJobs } from "../../../src/server/loops/tellRelaxedJobs.ts"
import { first, insertOne, newGroup, present } from "../../stores/StoreKit.ts"
import {
  anybody,
  type Change,
  claimNow,
  holdingOf,
  makeOutage,
  many,
  pass,
  policy,
  settle,
  submit,
  world
} from "../support/world.ts"

const withDuties = (options: Parameters<typeof world>[0] = {}) =>
  Layer.provideMerge(DutiesLive, world(options))

/** All events of this name from now on, each without its time. */
const listenFor = Effect.fnUntraced(function* (event: BossEventJson["event"]) {
  const feed = yield* EventFeed
  const told: Array<Record<string, unknown>> = []
  yield* Effect.forkScoped(
    Stream.runForEach(feed.read({ event }, Option.none()), (page) =>
      Effect.sync(() => {
        for (const item of page) {
          if (item.event !== event) continue
          const { at: _, ...rest } = JSON.parse(item.data)
          told.push(rest)
        }
      })
    )
  )
  yield* settle
  return told
})

/** Events of so long a time are told together. */
const gathered = Duration.toMillis(gathering)

/** That one happens in so many milliseconds, and not before. */
const toldAfter = Effect.fnUntraced(function* (told: ReadonlyArray<unknown>, millis: number) {
  const before = told.length
  yield* pass(millis + gathered - 1)
  assert.lengthOf(told, before)
  yield* pass(1)
  assert.lengthOf(told, before + 1)
})

const region: Constraint = { skill: "region", op: "eq", value: "eu", relaxAfter: 7_543 }
const failedForGood: WorkerReport = { _tag: "Failed", error: "broken", retryable: false, retryIn: null }
const gpu: Constraint = { skill: "gpu", op: "exists", relaxAfter: 54_321 }
const memory: Constraint = { skill: "memoryGb", op: "gte", value: 8 }

describe("the duty that tells of relaxed constraints", () => {
  it.effect("tells of each of a job's times once, at the tick", () =>
    Effect.gen(function* () {
      const told = yield* listenFor("job.relaxed")
      yield* pass("2345 millis")
      const { id } = first(yield* submit({ type: "a", constraints: [region, gpu, memory] }))
      const about = {
        event: "job.relaxed",
        job: id,
        type: "a",
        project: null,
        runAt: "1970-01-01T00:00:02.345Z"
      }
      yield* toldAfter(told, 7_543)
      assert.deepStrictEqual(told, [
        { ...about, after: "7543ms", constraints: [{ skill: "region", op: "eq", value: "eu" }] }
      ])
      yield* toldAfter(told, 54_321 - 7_543 - gathered)
      assert.deepStrictEqual(told[1], {
        ...about,
        after: "54321ms",
        constraints: [{ skill: "gpu", op: "exists" }]
      })
      yield* pass("10 minutes")
      assert.lengthOf(told, 2)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("tells of all, be there more than one batch, on one of several servers", () =>
    Effect.gen(function* () {
      const told = yield* listenFor("job.relaxed")
      yield* Effect.forkScoped(tellRelaxedJobs)
      for (let times = 0; times < 3; times++) {
        yield* submit(...many(700, { type: "a", constraints: [region] }))
      }
      yield* pass("8 seconds")
      assert.strictEqual(new Set(told.map(({ job }) => job)).size, told.length)
      assert.lengthOf(told, 2_100)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect(
    "tells of constraints that a job was given later, and not of those of one that has a worker",
    () =>
      Effect.gen(function* () {
        const boss = yield* Boss
        const told = yield* listenFor("job.relaxed")
        const amended = first(yield* submit({ type: "a" }))
        yield* submit({ type: "b", constraints: [gpu] })
        yield* claimNow({ types: ["b"], skills: { gpu: 1 } })
        yield* pass("1 second")
        yield* boss.amend(amended.id, anybody, { constraints: [region] })
        const ids = () => told.map(({ job }) => job)
        yield* pass("8 seconds")
        assert.deepStrictEqual(ids(), [amended.id])
        yield* pass("60 seconds")
        assert.deepStrictEqual(ids(), [amended.id])
      }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("tells at once of constraints that a job was given when their time was past", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const told = yield* listenFor("job.relaxed")
      const amended = first(yield* submit({ type: "a" }))
      const other = first(yield* submit({ type: "b", constraints: [region] }))
      yield* pass("8 seconds")
      assert.deepStrictEqual(
        told.map(({ job }) => job),
        [other.id]
      )
      yield* boss.amend(amended.id, anybody, { constraints: [region, gpu] })
      yield* pass(gathered)
      assert.lengthOf(told, 2)
      const { after, constraints, job } = present(told[1])
      assert.deepStrictEqual(
        { after, constraints, job },
        { after: "7543ms", constraints: [{ skill: "region", op: "eq", value: "eu" }], job: amended.id }
      )
      yield* pass("60 seconds")
      assert.deepStrictEqual(
        told.slice(2).map(({ after, job }) => [job, after]),
        [[amended.id, "54321ms"]]
      )
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("finds what nobody told it within thirty seconds", () =>
    Effect.gen(function* () {
      const told = yield* listenFor("job.relaxed")
      yield* insertOne({ group: newGroup({ constraints: [region] }) })
      yield* pass(30_020)
      assert.lengthOf(told, 1)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("looks for none while nothing that is pending will ever be relaxed", () => {
    const asked: Array<number> = []
    const counting: Change = (repo) => ({
      relaxed: (waitsOf, limit) =>
        repo.relaxed((group) => {
          const waits = waitsOf(group)
          asked.push(waits.length)
          return waits
        }, limit)
    })
    return Effect.gen(function* () {
      yield* submit({ type: "a", constraints: [memory] })
      yield* pass("1 second")
      asked.length = 0
      yield* pass("60 seconds")
      assert.deepStrictEqual(asked, [0, 0])
    }).pipe(Effect.provide(withDuties({ change: counting })))
  })
})

describe("the duty that tells of unclaimed jobs", () => {
  it.effect("says how many could take it, or why nobody can, and who comes nearest", () =>
    Effect.gen(function* () {
      const told = yield* listenFor("job.unclaimed")
      yield* submit({ type: "a", constraints: [memory] }, { type: "b" }, { type: "c" })
      yield* pass("30 seconds")
      yield* claimNow({ worker: "small", types: ["a", "other"], skills: { memoryGb: 4 } })
      yield* claimNow({ worker: "smaller", types: ["a"], skills: { memoryGb: 2 } })
      yield* claimNow({ worker: "busy", types: ["b"] })
      yield* submit({ type: "b" })
      yield* pass("31 seconds")
      const [a, c] = [told.find(({ type }) => type === "a"), told.find(({ type }) => type === "c")]
      assert.deepInclude(a, {
        able: 0,
        nearest: {
          constraint: { skill: "memoryGb", op: "gte", value: 8 },
          rejects: 2,
          worker: "small",
          value: 4
        }
      })
      assert.match(String(a?.["reason"]), /^No live worker can take it: none of the 2 live workers that ask/)
      assert.deepInclude(c, { able: 0, atLeast: false, nearest: null })
      assert.match(String(c?.["reason"]), /none of the 3 live workers asks for jobs of type c\.$/)
      yield* pass("30 seconds")
      const b = told.find(({ type }) => type === "b")
      assert.deepInclude(b, { able: 1, reason: null, nearest: null })
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect.each([1_234, 4_321, 6_789])("tells of a job at the tick when the alert is %i ms", (millis) =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const policies = yield* SupervisorPolicy
      const unclaimedAlert = Duration.millis(millis)
      yield* policies.change("a", null, () => ({ unclaimedAlert, backoff: { initial: Duration.zero } }))
      const told = yield* listenFor("job.unclaimed")
      yield* pass("4 seconds")
      yield* submit({ type: "a" })
      yield* toldAfter(told, millis)
      const [claimed] = yield* claimNow({ types: ["a"] })
      yield* boss.finish(holdingOf(present(claimed)), failedForGood)
      // As a job of its own that comes later.
      yield* submit({ type: "a", delay: Duration.seconds(11) })
      yield* pass("11 seconds")
      yield* toldAfter(told, millis)
      yield* claimNow({ types: ["a"] })
      yield* pass("3 seconds")
      yield* boss.retry(present(claimed).job.id, anybody)
      yield* toldAfter(told, millis)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  const outage = makeOutage()
  it.effect("tells of none the less when the workers could not be looked at for a while", () =>
    Effect.gen(function* () {
      const told = yield* listenFor("job.unclaimed")
      yield* submit({ type: "a" })
      yield* pass("59 seconds")
      yield* outage.begin
      yield* pass("2 seconds")
      assert.lengthOf(told, 0)
      yield* outage.end
      yield* pass("1 second")
      assert.lengthOf(told, 1)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        withDuties({
          policy: { ...policy, unclaimedAlert: Duration.minutes(1) },
          changeWorkers: (repo) => ({ present: (limit) => outage.guard(repo.present(limit)) })
        })
      )
    )
  )
})
