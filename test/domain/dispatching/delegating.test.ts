/** Who gets which job, as the dispatcher has it: whoever waits at this server, and whoever comes. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, type Fiber, Latch, Option } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { Skills } from "../../../src/domain/matching/Constraint.ts"
import type { Acceptance } from "../../../src/domain/matching/Acceptance.ts"
import { makeMeanwhile } from "../support/meanwhile.ts"
import {
  anybody,
  ask,
  claimNow,
  exitOf,
  finish,
  holdingOf,
  jobsOf,
  makePeer,
  many,
  pass,
  policy,
  settle,
  submit,
  world
} from "../support/world.ts"
import { first, insert, newGroup, newJob } from "../../stores/StoreKit.ts"

const gpu = { skill: "gpu", op: "exists" } as const
const rust = { skill: "rust", op: "exists" } as const

/** Who of those that wait has got a job. */
const servedOf = (waiting: Readonly<Record<string, Fiber.Fiber<ReadonlyArray<ClaimedJob>>>>) =>
  Object.entries(waiting).flatMap(([name, fiber]) => (exitOf(fiber) === undefined ? [] : [name]))

/** Lets workers with these skills wait, in this order. */
const askAll = Effect.fnUntraced(function* (skills: Readonly<Record<string, Skills>>) {
  const waiting: Record<string, Fiber.Fiber<ReadonlyArray<ClaimedJob>>> = {}
  for (const [worker, its] of Object.entries(skills))
    waiting[worker] = yield* ask({ worker, skills: its }, "1 hour")
  yield* settle
  return waiting
})

const fail = (claimed: ClaimedJob) =>
  Effect.flatMap(Boss, (boss) =>
    boss.finish(holdingOf(claimed), {
      _tag: "Failed",
      error: null,
      retryable: true,
      retryIn: Duration.seconds(1)
    })
  )

describe("delegating: a job arrives", () => {
  it.effect("goes to whoever meets the most of its wishes, by weight, though others have waited longer", () =>
    Effect.gen(function* () {
      const waiting = yield* askAll({ plain: {}, two: { gpu: 1 }, three: { rust: 1 }, late: { rust: 1 } })
      yield* submit({
        type: "a",
        constraints: [
          { ...gpu, weight: 2 },
          { ...rust, weight: 3 }
        ]
      })
      yield* settle
      assert.deepStrictEqual(servedOf(waiting), ["three"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes to somebody new rather than to who has failed before", () =>
    Effect.gen(function* () {
      yield* submit({ type: "a" })
      const claimed = first(yield* claimNow({ worker: "unlucky" }))
      yield* fail(claimed)
      const waiting = yield* askAll({ unlucky: {}, new: {} })
      yield* submit({ type: "a" })
      yield* settle
      assert.deepStrictEqual(servedOf(waiting), ["new"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes to whoever has less to do", () =>
    Effect.gen(function* () {
      yield* submit(...many(2, { type: "a" }))
      assert.lengthOf(yield* claimNow({ worker: "busy", max: 2 }), 2)
      const waiting = yield* askAll({ busy: {}, idle: {} })
      yield* submit({ type: "a" })
      yield* settle
      assert.deepStrictEqual(servedOf(waiting), ["idle"])
    }).pipe(Effect.provide(world()))
  )

  const peer = makePeer()
  it.effect("goes to the best of this server also when another server tells of it", () =>
    Effect.gen(function* () {
      const waiting = yield* askAll({ plain: {}, able: { gpu: 1 } })
      const group = newGroup({ type: "a", constraints: [{ ...gpu, weight: 1 }] })
      const job = first(yield* insert(newJob({ group })))
      yield* peer.say({ groups: [job.group.id] })
      yield* settle
      assert.deepStrictEqual(servedOf(waiting), ["able"])
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  )
})

describe("delegating: a worker arrives", () => {
  const claimedBy = (wishes: Parameters<typeof claimNow>[0]) =>
    Effect.map(claimNow(wishes), (jobs) => jobs.map(({ job }) => job.group.type))

  it.effect("gets what suits it best of what has the same priority, and the highest priority before", () =>
    Effect.gen(function* () {
      yield* submit({ type: "old", constraints: [{ ...rust, weight: 1 }] })
      yield* pass("1 second")
      yield* submit(
        { type: "fit", constraints: [{ ...gpu, weight: 1 }] },
        { type: "urgent", priority: 1, constraints: [{ ...rust, weight: 1 }] }
      )
      const able = { worker: "able", skills: { gpu: 1 } }
      assert.deepStrictEqual(yield* claimedBy(able), ["urgent"])
      assert.deepStrictEqual(yield* claimedBy(able), ["fit"])
      assert.deepStrictEqual(yield* claimedBy(able), ["old"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("gets only of the projects that it accepts", () =>
    Effect.gen(function* () {
      const projects = yield* Projects
      const { counted } = yield* Effect.orDie(projects.create({ name: "project" }, anybody, Option.none()))
      const picky = yield* ask({ accepts: [{ property: "project", op: "eq", value: counted.project.id }] })
      yield* submit({ type: "a" })
      yield* settle
      assert.strictEqual(jobsOf(picky), "waiting")
      yield* submit({ type: "a", project: counted.project.id })
      yield* settle
      assert.strictEqual(jobsOf(picky), 1)
    }).pipe(Effect.provide(world()))
  )

  const latch = Latch.makeUnsafe(true)
  const held = world({
    change: (repo) => ({ claim: (claim) => Effect.andThen(latch.await, repo.claim(claim)) })
  })
  it.effect(
    "gets what is left by a claim that was under way when it came, which others found nothing in",
    () =>
      Effect.gen(function* () {
        yield* latch.close
        const before = yield* ask({ worker: "before" })
        yield* ask({ worker: "picky", accepts: [{ tag: "x", op: "exists" }] })
        yield* submit(...many(2, { type: "a" }))
        yield* settle
        const meanwhile = yield* ask({ worker: "meanwhile" })
        yield* settle
        yield* latch.open
        yield* settle
        assert.deepStrictEqual([before, meanwhile].map(jobsOf), [1, 1])
      }).pipe(Effect.provide(held))
  )
})

describe("delegating: time", () => {
  it.effect("wakes those who wait when a constraint relaxes, and not a millisecond before", () =>
    Effect.gen(function* () {
      const waiting = yield* askAll({ plain: {} })
      yield* submit({ type: "a", constraints: [{ ...gpu, relaxAfter: 700 }] })
      yield* pass("699 millis")
      assert.deepStrictEqual(servedOf(waiting), [])
      yield* pass("1 millis")
      assert.deepStrictEqual(servedOf(waiting), ["plain"])
    }).pipe(Effect.provide(world()))
  )

  const patient = { ...policy, patience: Duration.millis(700) }
  const wishing = { type: "a", constraints: [{ ...gpu, weight: 1 }] }
  /** Somebody better is alive, and busy, who accepts so much. */
  const employBetterWith = Effect.fnUntraced(function* (...accepts: ReadonlyArray<Acceptance>) {
    yield* submit({ type: "other", priority: 5 })
    return first(yield* claimNow({ worker: "better", skills: { gpu: 1 }, accepts }))
  })
  const employBetter = employBetterWith()

  it.effect("keeps a job for somebody better until patience ends, and not a millisecond longer", () =>
    Effect.gen(function* () {
      yield* employBetter
      const waiting = yield* askAll({ plain: {} })
      yield* submit(wishing)
      yield* pass("699 millis")
      assert.deepStrictEqual(servedOf(waiting), [])
      yield* pass("1 millis")
      assert.deepStrictEqual(servedOf(waiting), ["plain"])
    }).pipe(Effect.provide(world({ policy: patient })))
  )

  it.effect.each<readonly [string, Acceptance, ReadonlyArray<string>]>([
    ["does not accept its priority", { property: "priority", op: "gt", value: 0 }, ["plain"]],
    ["does not accept its type", { property: "type", op: "ne", value: "a" }, ["plain"]],
    ["looks at the tags of each job", { tag: "gdpr", op: "absent" }, ["plain"]],
    ["looks at the project of each job", { property: "project", op: "absent" }, ["plain"]],
    ["accepts its priority", { property: "priority", op: "gte", value: 0 }, []]
  ])("keeps no job for somebody who may refuse it: one who %s", ([, accepts, served]) =>
    Effect.gen(function* () {
      yield* employBetterWith(accepts)
      const waiting = yield* askAll({ plain: {} })
      yield* submit(wishing)
      yield* pass("1 millis")
      assert.deepStrictEqual(servedOf(waiting), served)
    }).pipe(Effect.provide(world({ policy: patient })))
  )

  it.effect("gives it to the better one who comes in time", () =>
    Effect.gen(function* () {
      const other = yield* employBetter
      const waiting = yield* askAll({ plain: {} })
      yield* submit(wishing)
      yield* pass("500 millis")
      yield* finish(other)
      const better = yield* askAll({ better: { gpu: 1 } })
      assert.deepStrictEqual([...servedOf(waiting), ...servedOf(better)], ["better"])
    }).pipe(Effect.provide(world({ policy: patient })))
  )

  it.effect("does not keep it from the best for being busy, who would be even better if it were not", () =>
    Effect.gen(function* () {
      yield* employBetter
      const waiting = yield* askAll({ better: { gpu: 1 } })
      yield* submit(wishing)
      yield* settle
      assert.deepStrictEqual(servedOf(waiting), ["better"])
    }).pipe(Effect.provide(world({ policy: patient })))
  )

  const arriving = makeMeanwhile({ policy: patient })
  it.effect("gives it to the better one who comes just when nothing was found for others of its kind", () =>
    Effect.gen(function* () {
      const context = yield* Effect.context<Boss>()
      const other = yield* employBetter
      yield* submit({ type: "other" })
      assert.lengthOf(yield* claimNow({ worker: "busy", skills: { gpu: 1 } }), 1)
      const waiting = yield* askAll({ busy: { gpu: 1 } })
      yield* finish(other)
      const better: Array<Effect.Success<ReturnType<typeof ask>>> = []
      const come = Effect.map(ask({ worker: "better", skills: { gpu: 1 } }, "1 hour"), (fiber) =>
        better.push(fiber)
      )
      arriving.set(Effect.andThen(Effect.provideContext(come, context), settle))
      yield* submit(wishing)
      yield* settle
      yield* settle
      assert.deepStrictEqual([servedOf(waiting), better.map(jobsOf)], [[], [1]])
    }).pipe(Effect.provide(arriving.layer))
  )
})
