import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Layer } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { CountsRepo } from "../../../src/domain/stats/CountsRepo.ts"
import type { NewJob } from "../../../src/domain/jobs/Job.ts"
import { mostTypes, Stats } from "../../../src/domain/stats/Stats.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { first } from "../../stores/StoreKit.ts"
import { ask, finish, holdingOf, makeOutage, many, pass, start, submit, world } from "../support/world.ts"

const snapshot = Effect.flatMap(Stats, (stats) => stats.snapshot)

const finishOne = (type: string) => Effect.flatMap(start({ type }), finish)

const failOne = Effect.fnUntraced(function* (type: string) {
  const boss = yield* Boss
  const claimed = yield* start({ type })
  yield* boss.finish(holdingOf(claimed), { _tag: "Failed", error: null, retryable: false, retryIn: null })
})

/** The same as `world()`, on counts that tell how often they were read, and can be away. */
const watchedWorld = () => {
  const outage = makeOutage()
  let reads = 0
  const watched = Layer.effect(
    CountsRepo,
    Effect.map(CountsRepo, (repo) =>
      CountsRepo.of({
        ...repo,
        flows: (mostTypes) =>
          outage.guard(
            Effect.suspend(() => {
              reads += 1
              // Like any store that is not in memory, it lets others come in between.
              return Effect.andThen(Effect.yieldNow, repo.flows(mostTypes))
            })
          )
      })
    )
  )
  return {
    outage,
    reads: () => reads,
    layer: Layer.fresh(Stats.layer).pipe(Layer.provide(watched), Layer.provideMerge(world()))
  }
}

it.effect("tells how many jobs there are of each type, and all that ever happened", () =>
  Effect.gen(function* () {
    yield* submit({ type: "a" }, { type: "a", delay: Duration.minutes(1) }, { type: "b" })
    yield* finishOne("a")
    const { total, truncated, types } = yield* snapshot
    assert.deepStrictEqual(
      types.map(({ counts, totals, type }) => [
        type,
        counts.pending,
        counts.scheduled,
        counts.done,
        totals.created
      ]),
      [
        ["a", 1, 1, 1, 3],
        ["b", 1, 0, 0, 1]
      ]
    )
    assert.deepStrictEqual([total.counts.pending, total.totals.created, truncated], [2, 4, false])
  }).pipe(Effect.provide(world()))
)

it.effect("knows how fast things go in the last minute, from when somebody began to ask", () =>
  Effect.gen(function* () {
    yield* submit(...many(5, { type: "a" }))
    assert.isNull((yield* snapshot).total.rates)
    yield* submit(...many(16, { type: "b" }))
    yield* finishOne("b")
    yield* finishOne("b")
    yield* finishOne("b")
    yield* failOne("b")
    yield* pass("10 seconds")
    const early = yield* snapshot
    const b = early.types.find(({ type }) => type === "b")
    const expected = { rates: { created: 2, assigned: 0.4, done: 0.3, failed: 0.1 }, failureRate: 0.25 }
    assert.deepInclude(b, expected)
    assert.deepInclude(early.total, expected)
    assert.deepStrictEqual(early.types.find(({ type }) => type === "a")?.rates?.created, 0)
    // The beginning is out of sight a minute later, and was looked at by nobody but the boss.
    yield* pass("50 seconds")
    assert.strictEqual((yield* snapshot).total.rates?.created, 0.333)
    yield* pass("1 second")
    assert.deepInclude((yield* snapshot).total, {
      rates: { created: 0, assigned: 0, done: 0, failed: 0 },
      failureRate: null
    })
  }).pipe(Effect.provide(world()))
)

it.effect("gives the same answer to all who ask within a second", () => {
  const { layer, reads } = watchedWorld()
  return Effect.gen(function* () {
    const [one, two] = yield* Effect.all([snapshot, snapshot], { concurrency: "unbounded" })
    assert.strictEqual(one, two)
    yield* pass(999)
    assert.strictEqual(yield* snapshot, one)
    assert.strictEqual(reads(), 1)
    yield* pass(1)
    assert.notStrictEqual(yield* snapshot, one)
    assert.strictEqual(reads(), 2)
  }).pipe(Effect.provide(layer))
})

it.effect("looks once a second while somebody asks, and no more when nobody has for two minutes", () => {
  const { layer, reads } = watchedWorld()
  return Effect.gen(function* () {
    yield* pass("1 hour")
    assert.strictEqual(reads(), 0)
    yield* snapshot
    for (let second = 1; second <= 120; second++) yield* pass("1 second")
    assert.strictEqual(reads(), 121)
    for (let second = 1; second <= 60; second++) yield* pass("1 second")
    assert.strictEqual(reads(), 121)
    // What was seen then says nothing of now.
    yield* pass("1 minute")
    assert.isNull((yield* snapshot).total.rates)
    yield* pass("1 second")
    assert.isNotNull((yield* snapshot).total.rates)
  }).pipe(Effect.provide(layer))
})

it.effect("fails while the store is away, and goes on when it is back", () => {
  const { layer, outage } = watchedWorld()
  return Effect.gen(function* () {
    yield* outage.begin
    assert.isTrue(Exit.isFailure(yield* Effect.exit(snapshot)))
    yield* pass("2 seconds")
    yield* outage.end
    yield* pass("1 second")
    assert.strictEqual((yield* snapshot).total.counts.pending, 0)
  }).pipe(Effect.provide(layer))
})

it.effect("lists no more than so many types, and counts the jobs of all", () =>
  Effect.gen(function* () {
    const jobs = Array.from({ length: mostTypes + 1 }, (_, index): NewJob => ({ type: `t${index}` }))
    yield* submit(...jobs, { type: `t${mostTypes}` })
    yield* snapshot
    yield* pass("1 second")
    const { total, truncated, types } = yield* snapshot
    assert.strictEqual(types.length, mostTypes)
    assert.strictEqual(first(types).type, `t${mostTypes}`)
    assert.isTrue(truncated)
    assert.strictEqual(total.counts.pending, mostTypes + 2)
    // One that comes into the list was counted among the others before: how fast it goes is not known.
    const late = types.at(-1)?.type ?? ""
    const missing = jobs.find(({ type }) => types.every((one) => one.type !== type))?.type ?? ""
    yield* submit(...many(5, { type: missing }))
    yield* pass("1 second")
    const next = (yield* snapshot).types
    assert.isNull(next.find(({ type }) => type === missing)?.rates)
    assert.isUndefined(next.find(({ type }) => type === late))
  }).pipe(Effect.provide(world()))
)

it.effect("tells what the policy says of a type, and since when its oldest pending job is due", () =>
  Effect.gen(function* () {
    const policies = yield* SupervisorPolicy
    yield* submit({ type: "a" })
    const since = yield* DateTime.now
    yield* policies.change("a", null, () => ({ paused: true, concurrency: 3 }))
    yield* pass("1 minute")
    yield* submit({ type: "a" })
    const { type, ...stats } = first((yield* snapshot).types)
    assert.strictEqual(type, "a")
    assert.deepInclude(stats, { paused: true, concurrency: 3, oldestPending: since })
  }).pipe(Effect.provide(world()))
)

it.effect("tells of this server who waits at it, how long jobs waited and ran, and how long it runs", () =>
  Effect.gen(function* () {
    const idle = yield* snapshot
    assert.deepStrictEqual([idle.vacancies, idle.wait, idle.run], [0, null, null])
    yield* ask({ types: ["nothing"] }, "1 hour")
    yield* ask({ types: ["other"] }, "1 hour")
    const claimed = yield* start({ type: "a" })
    yield* pass("90 seconds")
    yield* finish(claimed)
    yield* pass("1 second")
    const { run, uptime, vacancies } = yield* snapshot
    assert.strictEqual(vacancies, 2)
    assert.deepStrictEqual(uptime, Duration.seconds(91))
    // It ran for 90 seconds, which is known within an eighth.
    for (const told of [run?.p50, run?.p95]) {
      const seconds = told === undefined ? 0 : Duration.toSeconds(told)
      assert.isAtLeast(seconds, 80)
      assert.isAtMost(seconds, 102)
    }
    yield* pass("2 minutes")
    assert.isNull((yield* snapshot).run)
  }).pipe(Effect.provide(world()))
)
