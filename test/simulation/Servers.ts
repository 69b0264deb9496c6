/** The servers of a run: the real domain and its duties, over one store. They start, die without a word, and start again. */
import { Context, Deferred, Effect, Exit, Layer, Queue, Scope, Stream } from "effect"
import type { Boss } from "../../src/domain/Boss.ts"
import type { BulkActions } from "../../src/domain/jobs/BulkActions.ts"
import type { Dispatcher } from "../../src/domain/dispatching/Dispatcher.ts"
import type { EventFeed } from "../../src/domain/events/EventFeed.ts"
import type { EventHub } from "../../src/domain/events/EventHub.ts"
import { anything, type News, Peers } from "../../src/domain/events/Peers.ts"
import { PolicyRepo } from "../../src/domain/policies/PolicyRepo.ts"
import type { Projects } from "../../src/domain/projects/Projects.ts"
import type { Schedules } from "../../src/domain/schedules/Schedules.ts"
import type { Store } from "../../src/domain/Store.ts"
import { BuiltInPolicy, type SupervisorPolicy } from "../../src/domain/policies/SupervisorPolicy.ts"
import { defaultPolicy } from "../../src/domain/policies/Policy.ts"
import { WorkerRepo } from "../../src/domain/workers/WorkerRepo.ts"
import type { Workers } from "../../src/domain/workers/Workers.ts"
import { DomainServices, DutiesLive } from "../../src/server/Application.ts"
import * as Chance from "./Chance.ts"
import { type Guard, guardStore, unavailable } from "../support/StoreGuard.ts"
import type { World } from "./World.ts"

/** What is asked of a server. */
export type Services =
  Boss | BulkActions | Dispatcher | EventFeed | EventHub | Projects | Schedules | SupervisorPolicy | Workers

export interface Server {
  readonly name: string
  readonly services: Context.Context<Services>
  readonly scope: Scope.Closeable
  readonly died: Deferred.Deferred<void>
  /** It reads nothing any more. */
  readonly ends: () => void
}

export interface Servers {
  /** Those that run at this moment. */
  readonly running: () => ReadonlyArray<Server>
  readonly start: (name: string) => Effect.Effect<void>
  /** Ends a server as `kill -9` does: nothing that it still does reaches the store or anybody else. */
  readonly kill: (name: string) => Effect.Effect<void>
  /** Lets the store be away for everybody, until the effect that is returned. */
  readonly storeAway: Effect.Effect<Effect.Effect<void>>
}

/** Puts something in the place of the store, or of a part of it: for planted bugs. */
export type Wrapping = (store: Context.Context<Store>) => Context.Context<Store>

export const make = Effect.fnUntraced(function* (
  world: World,
  store: Context.Context<Store>,
  wrapping: Wrapping
) {
  const dice = world.dice("servers")
  const all = new Map<string, Server>()
  const ears = new Map<string, (news: News | typeof anything) => void>()
  const chance = yield* Layer.build(Chance.layer(world.options.seed))
  const runScope = yield* Effect.scope
  let isAway = false

  const delay = (longest: number) =>
    longest === 0 ? Effect.void : Effect.suspend(() => Effect.sleep(Math.ceil(longest * dice.next())))

  const guardOf = (isDead: () => boolean): Guard => {
    const { storeDelay } = world.options
    return (call) =>
      Effect.suspend(() => {
        const { storeAfter, storeBefore } = world.faults
        if (isDead()) return unavailable("dead")
        if (isAway) return unavailable("away")
        if (dice.chance(storeBefore)) {
          world.fault("store before")
          world.saw({ _tag: "StoreFailed" })
          return unavailable("before it took effect")
        }
        const failsAfter = dice.chance(storeAfter)
        if (!failsAfter && storeDelay === 0) return call
        // It is late on the way to the store or on the way back.
        const late = delay(storeDelay)
        const answered = dice.chance(0.5)
          ? Effect.andThen(
              late,
              Effect.suspend(() => (isDead() ? unavailable("dead") : call))
            )
          : Effect.tap(call, () => late)
        return Effect.tap(answered, () => {
          if (isDead()) return unavailable("dead")
          if (!failsAfter) return Effect.void
          world.fault("store after")
          world.saw({ _tag: "StoreFailed" })
          return unavailable("after it took effect")
        })
      })
  }

  // News may be lost, late or double; they come in any order.
  const tellOthers = (name: string, news: News) =>
    Effect.sync(() => {
      const { newsDoubled, newsLost } = world.faults
      for (const other of ears.keys()) {
        if (other === name) continue
        const copies = dice.chance(newsLost) ? 0 : dice.chance(newsDoubled) ? 2 : 1
        if (copies !== 1) world.fault(copies === 0 ? "news lost" : "news doubled")
        for (let copy = 0; copy < copies; copy++) {
          world.loop.after(Math.ceil(world.options.newsDelay * dice.next()), () => ears.get(other)?.(news))
        }
      }
    })

  const peersOf = (name: string, isDead: () => boolean) =>
    Layer.succeed(Peers, {
      tell: (news) => Effect.suspend(() => (isDead() ? Effect.void : tellOthers(name, news))),
      news: Stream.callback<News | typeof anything>((queue) =>
        Effect.sync(() => {
          ears.set(name, (news) => Queue.offerUnsafe(queue, news))
          // Whoever begins to listen may have missed something.
          Queue.offerUnsafe(queue, anything)
        })
      )
    })

  /** The store by a guard that takes note of what is read of the rules, for by that a server goes. */
  const reached = (guard: Guard) => {
    const wrapped = wrapping(store)
    const policies = world.facts.rules.policiesRead.begin()
    const restrictions = world.facts.rules.restrictionsRead.begin()
    const all = policies.reading(guard)(Context.get(wrapped, PolicyRepo).all)
    const restricted = restrictions.reading(guard)(Context.get(wrapped, WorkerRepo).restricted)
    const guarded = guardStore(wrapped, guard)
    return {
      store: guarded.pipe(
        Context.add(PolicyRepo, { ...Context.get(guarded, PolicyRepo), all }),
        Context.add(WorkerRepo, { ...Context.get(guarded, WorkerRepo), restricted })
      ),
      ends: () => {
        policies.ends()
        restrictions.ends()
      }
    }
  }

  const start = Effect.fnUntraced(function* (name: string) {
    const died = yield* Deferred.make<void>()
    const isDead = () => Deferred.isDoneUnsafe(died)
    const { ends, store: ownStore } = reached(guardOf(isDead))
    const scope = yield* Scope.fork(runScope)
    const parts = Layer.provideMerge(
      DutiesLive,
      DomainServices.pipe(
        Layer.provideMerge(
          Layer.mergeAll(
            Layer.succeedContext(ownStore),
            Layer.succeedContext(chance),
            peersOf(name, isDead),
            Layer.succeed(BuiltInPolicy, defaultPolicy)
          )
        )
      )
    )
    const services = yield* Layer.buildWithMemoMap(parts, Layer.makeMemoMapUnsafe(), scope).pipe(
      Effect.provideContext(chance)
    )
    all.set(name, { name, services, scope, died, ends })
    world.trace.say(`${name} runs`)
  })

  const kill = Effect.fnUntraced(function* (name: string) {
    const server = all.get(name)
    if (server === undefined) return
    all.delete(name)
    ears.delete(name)
    world.trace.say(`${name} dies`)
    yield* Deferred.succeed(server.died, undefined)
    server.ends()
    yield* Effect.forkIn(Scope.close(server.scope, Exit.void), runScope)
  })

  const servers: Servers = {
    running: () => [...all.values()],
    start,
    kill,
    storeAway: Effect.sync(() => {
      isAway = true
      return Effect.sync(() => {
        isAway = false
      })
    })
  }
  return servers
})
