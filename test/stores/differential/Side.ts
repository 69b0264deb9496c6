/** The two stores that take the same steps, and what the steps have made so far. */
import { Clock, Context, DateTime, Duration, Effect, Layer } from "effect"
import { CountsRepo } from "../../../src/domain/stats/CountsRepo.ts"
import type { AttemptId, BulkActionId, JobId, ProjectId } from "../../../src/domain/Identifiers.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"
import type { Store } from "../../../src/domain/Store.ts"
import * as MemoryStore from "../../../src/server/memory/MemoryStore.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { StoreClock } from "../../../src/server/postgres/StoreClock.ts"
import type { Wrapping } from "../../simulation/Servers.ts"
import { guardStore } from "../../support/StoreGuard.ts"
import type { Dice } from "../../support/Dice.ts"

/** One of the two stores, with the groups as it calls them. */
export interface Side {
  readonly store: Context.Context<Store>
  readonly repo: JobRepo["Service"]
  readonly counts: CountsRepo["Service"]
  readonly groups: Map<number, JobGroup>
}

/** Something that is done to a store, and what it answers. */
export type Step = (side: Side) => Effect.Effect<unknown>

/** All that a sequence has made so far, and the time. */
export class World {
  readonly jobs: Array<JobId> = []
  readonly claimed: Array<ClaimedJob> = []
  readonly marks = new Map<AttemptId, number>()
  readonly projects: Array<ProjectId> = []
  readonly actions: Array<BulkActionId> = []
  /** Milliseconds since the epoch. */
  now = Date.UTC(2030, 0, 31, 12)
}

/** What a step is made with. */
export interface Making {
  readonly dice: Dice
  readonly world: World
}

/** Asks a part of the store. */
export const ask =
  <Self extends Store, Part, A>(
    part: Context.Key<Self, Part>,
    question: (part: Part) => Effect.Effect<A>,
    answer: (told: A) => unknown
  ) =>
  ({ store }: Pick<Side, "store">): Effect.Effect<unknown> =>
    Effect.map(question(Context.get(store, part)), answer)

const sideOf = (store: Context.Context<Store>): Side => ({
  store,
  repo: Context.get(store, JobRepo),
  counts: Context.get(store, CountsRepo),
  groups: new Map()
})

/** The store in memory, whose clock is that of Effect, with something else in the place of a part of it if that is wanted. */
export const memory = Effect.fnUntraced(function* (world: World, wrapping: Wrapping = (store) => store) {
  const now = () => world.now
  const nanos = () => BigInt(world.now) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: () => Effect.void
  }
  const store = yield* Layer.build(Layer.fresh(MemoryStore.layer))
  return sideOf(guardStore(wrapping(store), (call) => Effect.provideService(call, Clock.Clock, clock)))
})

/** The store in PostgreSQL, on tables that are empty. */
export const postgres = Effect.fnUntraced(function* (world: World) {
  const clock = Layer.succeed(
    StoreClock,
    Effect.sync(() => world.now)
  )
  return sideOf(yield* Layer.build(Layer.fresh(PostgresStore.layer).pipe(Layer.provide(clock))))
})

/** Often lets so much time pass, for what is not due before that. */
export const letTimePass = ({ dice, world }: Making, duration: Duration.Duration) => {
  if (dice.chance(0.4)) world.now += Duration.toMillis(duration)
}

/** A time around now. */
export const around = ({ dice, world }: Making, before: number, after: number): DateTime.Utc =>
  DateTime.makeUnsafe(world.now + dice.below(before + after) - before)
