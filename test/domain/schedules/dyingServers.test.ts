/** Servers on one store that die while they fire the same schedule: every tick gets its job, and only one. */
import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Latch, Layer, Random, Scope } from "effect"
import { Peers } from "../../../src/domain/events/Peers.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { nextTickOf, toRules } from "../../../src/domain/schedules/Schedule.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { BuiltInPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import { fireSchedules } from "../../../src/server/loops/fireSchedules.ts"
import * as MemoryStore from "../../../src/server/memory/MemoryStore.ts"
import { present } from "../../stores/StoreKit.ts"
import { pass, policy } from "../support/world.ts"

const ticks = 10_000
/** Another seed, another story. */
const seed = process.env["LAZYBOSS_TEST_SEED"] ?? "one"
/** One of so many firings is the last thing that a server does, or would have done. */
const deadliness = 30
/** One of so many firings takes its time. */
const slowness = 5
/** For so many seconds at most nobody takes the place of a server that died. */
const longestAbsence = 90
/** At most so many seconds go by at once. */
const longestLeap = 20

const name = "every-second"
const rules = toRules({ cron: "* * * * * *", job: { type: "tick" }, catchUp: "all" })

it.effect(
  "no tick is lost and none has two jobs, whoever dies",
  () =>
    Effect.gen(function* () {
      const store = yield* Layer.build(MemoryStore.layer)
      const inStore = <A>(effect: Effect.Effect<A, never, JobRepo | ScheduleRepo>) =>
        Effect.provide(effect, store)
      /** The last tick of each firing, and how many jobs were stored with it. */
      const firings: Array<readonly [lastTick: number, jobs: number]> = []
      let deaths = 0

      /** The store as it is seen by a server that may die before it has fired, or before it hears that it has. */
      const mortal = (die: Effect.Effect<never>) =>
        Layer.effect(
          ScheduleRepo,
          Effect.map(ScheduleRepo, (repo) =>
            ScheduleRepo.of({
              ...repo,
              fire: Effect.fnUntraced(function* (batch) {
                const fate = yield* Random.nextIntBetween(0, 2 * deadliness)
                if (fate === 0) return yield* die
                // Long enough for the other server to have decided upon the same tick.
                if (fate % slowness === 0) yield* Effect.sleep("100 millis")
                const fired = yield* repo.fire(batch)
                for (const [index, { lastTick }] of batch.entries()) {
                  const jobs = fired[index]?.created.length
                  if (jobs !== undefined) firings.push([present(lastTick).epochMilliseconds, jobs])
                }
                return fate === 1 ? yield* die : fired
              })
            })
          )
        ).pipe(Layer.provideMerge(Layer.succeedContext(store)))

      const server = (die: Effect.Effect<never>) =>
        Layer.effectDiscard(Effect.forkScoped(fireSchedules)).pipe(
          Layer.provide(DomainLive),
          Layer.provide(Layer.mergeAll(mortal(die), Peers.none, Layer.succeed(BuiltInPolicy, policy))),
          Layer.fresh
        )

      const live = Effect.gen(function* () {
        const scope = yield* Scope.make()
        const hasDied = yield* Latch.make(false)
        // Nothing goes on that it has begun.
        const die = Effect.andThen(hasDied.open, Effect.interruptible(Effect.never))
        yield* Scope.provide(Layer.build(server(die)), scope)
        yield* hasDied.await
        deaths += 1
        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep(Duration.seconds(yield* Random.nextIntBetween(0, longestAbsence)))
      })

      const { after } = yield* inStore(
        Effect.flatMap(ScheduleRepo, (repo) =>
          repo.change(name, null, (before, now) => ({ rules, nextTick: nextTickOf(rules, before, now) }))
        )
      )
      const first = present(after.nextTick).epochMilliseconds
      const end = first + (ticks - 1) * 1_000
      yield* Effect.all([Effect.forever(live), Effect.forever(live)], { concurrency: 2 }).pipe(
        Effect.forkScoped
      )
      while (DateTime.toEpochMillis(yield* DateTime.now) < end) {
        const left = (end - DateTime.toEpochMillis(yield* DateTime.now)) / 1_000
        yield* pass(Duration.seconds(Math.min(left, yield* Random.nextIntBetween(1, longestLeap))))
      }
      // Whoever died last has a successor by then, and it sees to what is left before other ticks come.
      const isDone = Effect.map(
        inStore(Effect.flatMap(ScheduleRepo, (repo) => repo.find(name))),
        (state) => (present(state).schedule.lastTick?.epochMilliseconds ?? 0) >= end
      )
      for (let tries = 0; tries < longestAbsence * 10 && !(yield* isDone); tries++) yield* pass("1 second")

      let next = first
      for (const [lastTick, jobs] of firings) {
        assert.strictEqual(lastTick, next + (jobs - 1) * 1_000)
        next = lastTick + 1_000
      }
      const seen = (next - first) / 1_000
      const { items } = yield* inStore(Effect.flatMap(JobRepo, ({ list }) => list({ limit: 2 * ticks })))
      assert.strictEqual(items.length, seen)
      assert.isAtLeast(seen, ticks)
      assert.isAtLeast(deaths, 20)
    }).pipe(Effect.scoped, Random.withSeed(seed)),
  120_000
)
