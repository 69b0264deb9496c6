/** What servers on one store tell one another, and what the dispatcher and the duties hear of. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Scope } from "effect"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import { anything, noNews, Peers } from "../../../src/domain/events/Peers.ts"
import { JobId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import { aGroup, aJob } from "../support/records.ts"
import { exitOf, makePeer, settle } from "../support/world.ts"

const job = aJob()
const other = JobId.make("00000000-0000-7000-8000-000000000002")
const pending = (group: number, id: JobId = job.id): JobRecord =>
  aJob({ id, status: "pending", group: aGroup({ id: group }), attempt: null })

const alone = Layer.provide(EventHub.layer, Peers.none)

/** How often what is watched was heard of: each change that is waited for counts. */
const count = Effect.fnUntraced(function* (changed: Effect.Effect<void>) {
  let times = 0
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        changed,
        Effect.sync(() => (times += 1))
      )
    )
  )
  return Effect.as(
    settle,
    Effect.sync(() => times)
  ).pipe(Effect.flatten)
})

/** Whether it is there already, without waiting for it. */
const isThere = (changed: Effect.Effect<void>) => Effect.map(Effect.timeoutOption(changed, 0), Option.isSome)

const withHub = <A>(test: (hub: EventHub["Service"]) => Effect.Effect<A, never, Scope.Scope>) =>
  Effect.flatMap(EventHub, test).pipe(Effect.provide(alone))

describe("watching", () => {
  it.live("tells who watches a job of its changes, many of them once, and nobody else", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const changed = yield* hub.watch(job.id)
        const others = yield* hub.watch(other)
        assert.isFalse(yield* isThere(changed))
        yield* hub.publish("created", [job])
        yield* hub.publish("created", [job])
        assert.isTrue(yield* isThere(changed))
        assert.isFalse(yield* isThere(changed))
        assert.isFalse(yield* isThere(others))
      })
    )
  )

  it.live("tells of progress only who asks for it", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const states = yield* hub.watch(job.id)
        const all = yield* hub.watch(job.id, { progress: true })
        yield* hub.publishProgress([job.id])
        assert.isFalse(yield* isThere(states))
        assert.isTrue(yield* isThere(all))
      })
    )
  )

  it.live("forgets who watched when the scope closes", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const gone = yield* Scope.provide(hub.watch(job.id), scope)
        const stays = yield* hub.watch(job.id)
        assert.strictEqual(yield* hub.watching, 2)
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(yield* hub.watching, 1)
        yield* hub.publish("created", [job])
        assert.isFalse(yield* isThere(gone))
        assert.isTrue(yield* isThere(stays))
      })
    )
  )
})

describe("the news of peers", () => {
  it.effect("wake who watches the jobs, those of progress only who asks for it", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const hub = yield* EventHub
      const states = yield* count(yield* hub.watch(job.id))
      const all = yield* count(yield* hub.watch(job.id, { progress: true }))
      const others = yield* count(yield* hub.watch(other, { progress: true }))
      yield* settle
      yield* peer.say({ jobs: [job.id] })
      assert.deepStrictEqual([yield* states, yield* all, yield* others], [1, 1, 0])
      yield* peer.say({ progress: [job.id] })
      assert.deepStrictEqual([yield* states, yield* all, yield* others], [1, 2, 0])
      yield* peer.say(anything)
      assert.deepStrictEqual([yield* states, yield* all, yield* others], [2, 3, 1])
    }).pipe(Effect.scoped, Effect.provide(Layer.provide(EventHub.layer, peer.layer)))
  })

  it.effect("of rules wake who watches these, and anything wakes all", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const hub = yield* EventHub
      const policies = yield* count(yield* hub.watchSupervision("policies"))
      const tokens = yield* count(yield* hub.watchSupervision("tokens"))
      yield* settle
      yield* peer.say({ supervision: ["policies"] })
      assert.deepStrictEqual([yield* policies, yield* tokens], [1, 0])
      yield* hub.publishSupervision("tokens")
      assert.deepStrictEqual([yield* policies, yield* tokens], [1, 1])
      yield* peer.say(anything)
      assert.deepStrictEqual([yield* policies, yield* tokens], [2, 2])
    }).pipe(Effect.scoped, Effect.provide(Layer.provide(EventHub.layer, peer.layer)))
  })

  it.effect("are told of what is published here, with each group once", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const hub = yield* EventHub
      yield* hub.publish("created", [pending(1), pending(1, other), job])
      yield* hub.publish("assigned", [])
      yield* hub.publishProgress([job.id])
      assert.deepStrictEqual(peer.told, [
        { ...noNews, jobs: [job.id, other, job.id], progress: [], groups: [1] },
        { ...noNews, jobs: [], progress: [job.id], groups: [] }
      ])
    }).pipe(Effect.provide(Layer.provide(EventHub.layer, peer.layer)))
  })

  it.effect("of work are taken together with those of this server, once", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const hub = yield* EventHub
      yield* settle
      yield* peer.say({ groups: [7, 8, 7] })
      yield* hub.publish("created", [pending(1), pending(1, other), pending(2), job])
      yield* settle
      const work = yield* hub.takeWork
      assert.deepStrictEqual(
        [...work.here.values()].map(({ count, group }) => [group.id, count]),
        [
          [1, 2],
          [2, 1]
        ]
      )
      assert.deepStrictEqual([...work.elsewhere], [7, 8])
      // Before the first look there may be anything.
      assert.isTrue(work.anything)

      const next = yield* Effect.forkChild(hub.takeWork)
      yield* settle
      assert.isUndefined(exitOf(next))
      yield* peer.say(anything)
      yield* settle
      const exit = exitOf(next)
      assert.isTrue(exit !== undefined && Exit.isSuccess(exit) && exit.value.anything)
      assert.isTrue(exit !== undefined && Exit.isSuccess(exit) && exit.value.here.size === 0)
    }).pipe(Effect.provide(Layer.provide(EventHub.layer, peer.layer)))
  })
})

describe("what is published here", () => {
  it.effect("wakes the dispatcher only if there is work in it", () =>
    Effect.gen(function* () {
      const hub = yield* EventHub
      yield* hub.takeWork
      const next = yield* Effect.forkChild(hub.takeWork)
      yield* hub.publish("created", [job])
      yield* hub.publishProgress([job.id])
      yield* settle
      assert.isUndefined(exitOf(next))
      yield* hub.publish("created", [pending(1)])
      yield* settle
      assert.isDefined(exitOf(next))
    }).pipe(Effect.provide(alone))
  )

  it.effect("is heard by listeners until their scope closes", () =>
    Effect.gen(function* () {
      const hub = yield* EventHub
      const heard: Array<number> = []
      const scope = yield* Scope.make()
      yield* Scope.provide(
        hub.listen((jobs) => heard.push(jobs.length)),
        scope
      )
      yield* hub.publish("created", [job, pending(1)])
      yield* Scope.close(scope, Exit.void)
      yield* hub.publish("created", [job])
      assert.deepStrictEqual(heard, [2])
    }).pipe(Effect.provide(alone))
  )

  it.effect("wakes all who watch a job, the others too when one has gone", () =>
    Effect.gen(function* () {
      const hub = yield* EventHub
      const scope = yield* Scope.make()
      const gone = yield* Scope.provide(Effect.flatMap(hub.watch(job.id), count), scope)
      const stays = yield* count(yield* hub.watch(job.id))
      yield* hub.publish("created", [job])
      assert.deepStrictEqual([yield* gone, yield* stays], [1, 1])
      yield* Scope.close(scope, Exit.void)
      yield* hub.publish("created", [job])
      assert.deepStrictEqual([yield* gone, yield* stays], [1, 2])
    }).pipe(Effect.scoped, Effect.provide(alone))
  )
})
