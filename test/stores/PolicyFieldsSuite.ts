/**
 * What each field of a policy changes, at its edge: one tick before, and at the tick. The domain's services on a store
 * whose time stands still until it is advanced; the duties are done when a test says so.
 */
import { assert, layer as withLayer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option } from "effect"
import { Boss } from "../../src/domain/Boss.ts"
import { Peers } from "../../src/domain/events/Peers.ts"
import type { NewJob } from "../../src/domain/jobs/Job.ts"
import type { ClaimedJob } from "../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { EventHub } from "../../src/domain/events/EventHub.ts"
import { LeaseManager } from "../../src/domain/attempts/LeaseManager.ts"
import { defaultPolicy } from "../../src/domain/policies/Policy.ts"
import type { PolicyOverrides } from "../../src/domain/policies/PolicyOverrides.ts"
import type { WorkerReport } from "../../src/domain/attempts/Reporting.ts"
import type { Store } from "../../src/domain/Store.ts"
import { BuiltInPolicy, SupervisorPolicy } from "../../src/domain/policies/SupervisorPolicy.ts"
import { LiveWorkers } from "../../src/domain/workers/LiveWorkers.ts"
import { WorkerRepo } from "../../src/domain/workers/WorkerRepo.ts"
import { deleteOutdated } from "../../src/server/loops/deleteFinishedJobs.ts"
import { tellUnclaimed } from "../../src/server/loops/tellUnclaimedJobs.ts"
import { DomainLive } from "../../src/server/Application.ts"
import { anybody, holdingOf, vacancy } from "../domain/support/world.ts"
import { first, newName, plenty, type SuiteOptions } from "./StoreKit.ts"

const builtIn = { ...defaultPolicy, backoff: { ...defaultPolicy.backoff, jitter: 0 } }

const failed: WorkerReport = { _tag: "Failed", error: "broken", retryable: true, retryIn: null }

/** A type of its own, with this policy. */
const typeWith = Effect.fnUntraced(function* (own: PolicyOverrides) {
  const policies = yield* SupervisorPolicy
  const type = newName("type")
  yield* policies.change(type, null, () => own)
  return type
})

const create = (type: string, wishes: Partial<NewJob> = {}) =>
  Effect.flatMap(Boss, (boss) =>
    Effect.map(
      Effect.orDie(boss.submit([{ type, ...wishes }], anybody, Option.none())),
      ({ jobs }) => first(jobs).id
    )
  )

const claim = (type: string, worker = "worker") =>
  Effect.flatMap(Boss, (boss) => boss.claim(vacancy({ types: [type], worker }), Duration.zero))

const start = Effect.fnUntraced(function* (type: string, wishes: Partial<NewJob> = {}) {
  yield* create(type, wishes)
  return first(yield* claim(type))
})

const report = (claimed: ClaimedJob, what: WorkerReport) =>
  Effect.flatMap(Boss, (boss) => boss.finish(holdingOf(claimed), what))

const statusOf = ({ job }: ClaimedJob) =>
  Effect.flatMap(JobRepo, (repo) => Effect.map(repo.find([job.id]), (found) => found[0]?.status))

const doDuties = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const leases = yield* LeaseManager
  const { done } = yield* repo.promote(plenty)
  yield* hub.publish("promoted", done)
  yield* repo.expire(plenty)
  while ((yield* leases.endOverdue).count > 0);
})

/** The pause after the last failure. */
const pauseOf = Effect.fnUntraced(function* ({ job }: ClaimedJob) {
  const repo = yield* JobRepo
  const found = first(yield* repo.find([job.id]))
  const endedAt = found?.attempt?.endedAt ?? null
  return endedAt === null || found === null ? null : DateTime.distance(endedAt, found.runAt)
})

/** A field that makes something happen to a running job after a time: before it the job is as it was. */
interface ClockRow {
  readonly field: string
  readonly own: PolicyOverrides
  /** What else happens at the beginning. */
  readonly and?: (claimed: ClaimedJob) => Effect.Effect<unknown, unknown, Boss>
  readonly becomes: string
}

const edge = Duration.seconds(7)
const tick = Duration.millis(1)

const clocks: ReadonlyArray<ClockRow> = [
  { field: "lease", own: { lease: edge }, becomes: "pending" },
  { field: "pickup", own: { pickup: edge }, becomes: "pending" },
  { field: "maxRun", own: { maxRun: edge, maxAttempts: 1 }, becomes: "failed" },
  { field: "expiresIn", own: { expiresIn: edge }, becomes: "failed" },
  {
    field: "cancelGrace",
    own: { cancelGrace: edge },
    and: ({ job }) => Effect.flatMap(Boss, (boss) => boss.cancel(job.id, anybody, null)),
    becomes: "cancelled"
  }
]

const backoff = (details: PolicyOverrides["backoff"]): PolicyOverrides => ({
  maxAttempts: 10,
  backoff: { initial: Duration.seconds(2), factor: 3, max: Duration.seconds(15), jitter: 0, ...details }
})

export const policyFieldsSuite = (
  name: string,
  store: Layer.Layer<Store, unknown>,
  { advance, live = false, startTimeout = "60 seconds" }: SuiteOptions
): void => {
  const domain = DomainLive.pipe(
    Layer.provideMerge(Layer.mergeAll(store, Peers.none, Layer.succeed(BuiltInPolicy, builtIn)))
  )
  withLayer(domain, { excludeTestServices: live, timeout: startTimeout })(name, (it) => {
    it.effect.each(clocks)("$field", ({ and = () => Effect.void, becomes, own }) =>
      Effect.gen(function* () {
        const claimed = yield* start(yield* typeWith(own))
        yield* and(claimed)
        yield* advance(Duration.subtract(edge, tick))
        yield* doDuties
        assert.strictEqual(yield* statusOf(claimed), "processing")
        yield* advance(tick)
        yield* doDuties
        assert.strictEqual(yield* statusOf(claimed), becomes)
      })
    )

    it.effect("keeps the clocks of what runs when the policy changes", () =>
      Effect.gen(function* () {
        const policies = yield* SupervisorPolicy
        const type = yield* typeWith({ lease: edge })
        const claimed = yield* start(type)
        yield* policies.change(type, null, () => ({ lease: Duration.seconds(1) }))
        yield* advance(Duration.subtract(edge, tick))
        yield* doDuties
        assert.strictEqual(yield* statusOf(claimed), "processing")
      })
    )

    it.effect.each([1, 2, 3])("maxAttempts: %i", (maxAttempts) =>
      Effect.gen(function* () {
        const type = yield* typeWith({ maxAttempts, backoff: { initial: Duration.zero, max: Duration.zero } })
        yield* create(type)
        for (let attempt = 1; attempt <= maxAttempts; attempt++) {
          const claimed = first(yield* claim(type))
          yield* report(claimed, failed)
          assert.strictEqual(yield* statusOf(claimed), attempt < maxAttempts ? "pending" : "failed")
        }
      })
    )

    it.effect.each([1, 2, 3])("maxLost: %i", (maxLost) =>
      Effect.gen(function* () {
        const type = yield* typeWith({ maxLost, lease: edge, quarantine: null })
        yield* create(type)
        for (let loss = 1; loss <= maxLost; loss++) {
          const claimed = first(yield* claim(type))
          yield* advance(edge)
          yield* doDuties
          assert.strictEqual(yield* statusOf(claimed), loss < maxLost ? "pending" : "failed")
        }
      })
    )

    it.effect.each([
      ["fixed", { kind: "fixed" }, [2, 2, 2]],
      ["linear", { kind: "linear" }, [2, 8, 14]],
      ["exponential", { kind: "exponential" }, [2, 6, 15]],
      ["initial", { initial: Duration.seconds(1) }, [1, 3, 9]],
      ["factor", { factor: 2 }, [2, 4, 8]],
      ["max", { max: Duration.seconds(3) }, [2, 3, 3]]
    ] as const)("backoff: %s", ([, details, pauses]) =>
      Effect.gen(function* () {
        const type = yield* typeWith({ ...backoff(details), quarantine: null })
        yield* create(type)
        for (const pause of pauses) {
          const claimed = first(yield* claim(type))
          yield* report(claimed, failed)
          assert.deepStrictEqual(yield* pauseOf(claimed), Duration.seconds(pause))
          yield* advance(Duration.subtract(Duration.seconds(pause), tick))
          yield* doDuties
          assert.strictEqual(yield* statusOf(claimed), "scheduled")
          yield* advance(tick)
          yield* doDuties
          assert.strictEqual(yield* statusOf(claimed), "pending")
        }
      })
    )

    it.effect("backoff: jitter", () =>
      Effect.gen(function* () {
        const type = yield* typeWith({ ...backoff({ kind: "fixed", jitter: 0.5 }), quarantine: null })
        const pauses = new Set<number>()
        for (let count = 0; count < 30; count++) {
          const claimed = yield* start(type)
          yield* report(claimed, failed)
          const pause = Duration.toMillis((yield* pauseOf(claimed)) ?? Duration.zero)
          assert.isAtLeast(pause, 1_000)
          assert.isAtMost(pause, 3_000)
          pauses.add(pause)
        }
        assert.isAbove(pauses.size, 1)
      })
    )

    it.effect.each([
      ["done", { _tag: "Done", result: null }],
      ["failed", { ...failed, retryable: false }]
    ] as const)("retention: %s", ([kind, what]) =>
      Effect.gen(function* () {
        const type = yield* typeWith({ retention: { [kind]: edge } })
        const claimed = yield* start(type)
        yield* report(claimed, what)
        yield* advance(Duration.subtract(edge, tick))
        yield* deleteOutdated
        assert.strictEqual(yield* statusOf(claimed), kind)
        yield* advance(tick)
        while ((yield* deleteOutdated).count > 0);
        assert.isUndefined((yield* statusOf(claimed)) ?? undefined)
      })
    )

    it.effect("unclaimedAlert", () =>
      Effect.gen(function* () {
        const hub = yield* EventHub
        const told: Array<string> = []
        const tellAll = Effect.repeat(tellUnclaimed, { while: ({ count }) => count > 0 })
        yield* hub.listen((jobs, change) => {
          if (change === "unclaimed") told.push(...jobs.map(({ id }) => id))
        })
        const job = yield* create(yield* typeWith({ unclaimedAlert: edge }))
        yield* advance(Duration.subtract(edge, tick))
        yield* doDuties
        yield* tellAll
        assert.notInclude(told, job)
        yield* advance(tick)
        yield* doDuties
        yield* tellAll
        yield* tellAll
        assert.deepStrictEqual(
          told.filter((id) => id === job),
          [job]
        )
      })
    )

    const quarantine = { failures: 2, within: Duration.minutes(1), for: edge }
    const isInQuarantine = Effect.fnUntraced(function* (type: string, worker: string) {
      const restricted = yield* Effect.flatMap(WorkerRepo, (repo) => repo.restricted)
      const mine = restricted.find((one) => one.worker === worker)
      return mine?.quarantines.some((one) => one.type === type) ?? false
    })
    const failOnce = Effect.fnUntraced(function* (type: string, worker: string) {
      yield* create(type)
      yield* report(first(yield* claim(type, worker)), { ...failed, retryable: false })
    })

    it.effect("quarantine: failures, for", () =>
      Effect.gen(function* () {
        const [type, worker] = [yield* typeWith({ quarantine }), newName("worker")]
        yield* failOnce(type, worker)
        assert.isFalse(yield* isInQuarantine(type, worker))
        yield* failOnce(type, worker)
        assert.isTrue(yield* isInQuarantine(type, worker))
        yield* advance(Duration.subtract(edge, tick))
        assert.isTrue(yield* isInQuarantine(type, worker))
        yield* advance(tick)
        assert.isFalse(yield* isInQuarantine(type, worker))
      })
    )

    it.effect.each([
      ["one tick before", Duration.subtract(quarantine.within, tick), true],
      ["at the tick", quarantine.within, false]
    ] as const)("quarantine: within, %s", ([, pause, isExpected]) =>
      Effect.gen(function* () {
        const [type, worker] = [yield* typeWith({ quarantine }), newName("worker")]
        yield* failOnce(type, worker)
        yield* advance(pause)
        yield* failOnce(type, worker)
        assert.strictEqual(yield* isInQuarantine(type, worker), isExpected)
      })
    )

    /** How many jobs of five a worker is given. */
    const giveFive = Effect.fnUntraced(function* (
      own: PolicyOverrides,
      keys: ReadonlyArray<string> = ["a", "a", "a", "a", "a"]
    ) {
      const type = yield* typeWith(own)
      yield* Effect.forEach(keys, (fairnessKey) => create(type, { fairnessKey }))
      const given: Array<ClaimedJob> = []
      const ask = Effect.fnUntraced(function* (worker = "worker") {
        const jobs = yield* claim(type, worker)
        given.push(...jobs)
        return jobs.length
      })
      return { type, given, ask }
    })

    it.effect("concurrency", () =>
      Effect.gen(function* () {
        const { ask, given } = yield* giveFive({ concurrency: 2 })
        assert.deepStrictEqual([yield* ask("a"), yield* ask("b"), yield* ask("c")], [1, 1, 0])
        yield* report(first(given), { _tag: "Done", result: null })
        assert.deepStrictEqual([yield* ask("c"), yield* ask("a")], [1, 0])
      })
    )

    it.effect("perWorker", () =>
      Effect.gen(function* () {
        const { ask, given } = yield* giveFive({ perWorker: 1 })
        assert.deepStrictEqual([yield* ask("a"), yield* ask("a"), yield* ask("b")], [1, 0, 1])
        yield* report(first(given), { _tag: "Done", result: null })
        assert.deepStrictEqual([yield* ask("b"), yield* ask("a")], [0, 1])
      })
    )

    it.effect("perFairnessKey", () =>
      Effect.gen(function* () {
        const [one, two] = [newName("key"), newName("key")]
        const { ask, given } = yield* giveFive({ perFairnessKey: 1 }, [one, one, two, two])
        assert.deepStrictEqual([yield* ask(), yield* ask(), yield* ask()], [1, 1, 0])
        assert.deepStrictEqual(
          given.map(({ job }) => job.group.fairnessKey),
          [one, two]
        )
        yield* report(first(given.slice(1)), { _tag: "Done", result: null })
        assert.deepStrictEqual([yield* ask(), yield* ask()], [1, 0])
        assert.strictEqual(given[2]?.job.group.fairnessKey, two)
      })
    )

    it.effect("rateLimit", () =>
      Effect.gen(function* () {
        const policies = yield* SupervisorPolicy
        const rateLimit = { limit: 2, period: edge }
        const { ask, type } = yield* giveFive({ rateLimit })
        assert.deepStrictEqual([yield* ask(), yield* ask(), yield* ask()], [1, 1, 0])
        yield* advance(Duration.subtract(edge, tick))
        // The hold is by this server's own clock: another policy that says the same ends it.
        yield* policies.change(type, null, () => ({ rateLimit }))
        assert.strictEqual(yield* ask(), 0)
        yield* advance(tick)
        yield* policies.change(type, null, () => ({ rateLimit }))
        assert.deepStrictEqual([yield* ask(), yield* ask(), yield* ask()], [1, 1, 0])
      })
    )

    it.effect("paused", () =>
      Effect.gen(function* () {
        const policies = yield* SupervisorPolicy
        const { ask, type } = yield* giveFive({ paused: true })
        assert.strictEqual(yield* ask(), 0)
        yield* policies.change(type, null, () => ({ paused: false }))
        assert.strictEqual(yield* ask(), 1)
        yield* policies.change(type, null, () => ({ paused: true }))
        assert.strictEqual(yield* ask(), 0)
      })
    )

    /** Who is alive is looked up so often as is fresh enough, by the server's own clock. */
    const awaitKnown = Effect.fnUntraced(function* (type: string, worker: string) {
      const liveWorkers = yield* LiveWorkers
      while (true) {
        const { workers } = yield* liveWorkers.forType(type)
        if (workers.some(({ name }) => name === worker)) return
        yield* advance(Duration.millis(100))
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
      }
    })

    it.effect("patience", () =>
      Effect.gen(function* () {
        const [better, worse] = [newName("better"), newName("worse")]
        const type = yield* typeWith({ patience: edge })
        const boss = yield* Boss
        const ask = (worker: string, skills = {}) =>
          boss.claim(vacancy({ types: [type], worker, skills }), Duration.zero)
        assert.deepStrictEqual(yield* ask(better, { gpu: 1 }), [])
        yield* awaitKnown(type, better)
        const job = yield* create(type, { constraints: [{ skill: "gpu", op: "exists", weight: 1 }] })
        assert.deepStrictEqual(yield* ask(worse), [])
        yield* advance(Duration.subtract(edge, tick))
        assert.deepStrictEqual(yield* ask(worse), [])
        yield* advance(tick)
        assert.deepStrictEqual(
          (yield* ask(worse)).map((claimed) => claimed.job.id),
          [job]
        )
        yield* create(type, { constraints: [{ skill: "gpu", op: "exists", weight: 1 }] })
        assert.lengthOf(yield* ask(better, { gpu: 1 }), 1)
      })
    )

    it.effect("logCap", () =>
      Effect.gen(function* () {
        const repo = yield* JobRepo
        const claimed = yield* start(yield* typeWith({ logCap: 1_024 }))
        const { attempt, job } = claimed
        const leases = yield* LeaseManager
        const write = {
          attempt: attempt.id,
          job: job.id,
          percent: null,
          message: null,
          checkpoint: undefined
        }
        const chunk = (id: number, size: number) => ({ id, event: "log_chunk", data: "x".repeat(size) })
        const { logCap } = (yield* SupervisorPolicy).of(job.group.type)
        yield* leases.renewWithProgress({ ...write, mark: 0, events: [chunk(1, 1_000), chunk(2, 24)] })
        yield* repo.trimLog(job.id, logCap)
        assert.strictEqual((yield* repo.readLog(job.id, 0, null)).size, 1_024)
        yield* leases.renewWithProgress({ ...write, mark: 2, events: [chunk(3, 1)] })
        yield* repo.trimLog(job.id, logCap)
        const { bytes } = yield* repo.readLog(job.id, 0, null)
        assert.match(new TextDecoder().decode(bytes), /dropped the oldest 1000 bytes.*\nx{25}$/)
      })
    )
  })
}
