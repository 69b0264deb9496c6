/** Servers on one database that die while they fire the same schedule: every tick gets its job, and only one. */
import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Fiber, Layer, Option, Random, Scope } from "effect"
import { anyone } from "../../../src/domain/Caller.ts"
import { JobRepo } from "../../../src/domain/JobRepo.ts"
import { ScheduleRepo } from "../../../src/domain/ScheduleRepo.ts"
import { Schedules } from "../../../src/domain/Schedules.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import { present } from "../../stores/StoreKit.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { storeOn } from "../../support/stores.ts"
import { newDatabase } from "../../support/testDatabase.ts"

/** How many ticks there are: a few hundred, or 10,000 in the long form. */
const ticks = Number(process.env["LAZYBOSS_TEST_TICKS"] ?? 300)

/** A server lives for at most so many times that the clock goes on. */
const longestLife = 8

const name = "every-second"

it.live(
  "no tick is lost and none has two jobs, whoever dies",
  () =>
    Effect.gen(function* () {
      const url = yield* newDatabase
      const clock = manualStoreClock()
      const newServer = () =>
        DomainLive.pipe(Layer.provideMerge(Layer.fresh(storeOn(url))), Layer.provide(clock.layer))
      const observer = yield* Layer.build(newServer())
      const observe = <A, E>(effect: Effect.Effect<A, E, Schedules | ScheduleRepo | JobRepo>) =>
        Effect.provide(effect, observer)
      const find = observe(Effect.flatMap(Schedules, (schedules) => schedules.find(name)))

      const wish = { cron: "* * * * * *", job: { type: "tick" }, catchUp: "all" } as const
      const { schedule } = yield* observe(
        Effect.flatMap(Schedules, ({ put }) => put(name, wish, anyone(Option.none())))
      )
      const end = DateTime.addDuration(present(schedule.nextTick), Duration.seconds(ticks - 1))
      // The clock stands at a whole second when the schedule is made, so that the last tick comes after so many seconds.
      let secondsLeft = ticks

      const tickOn = Effect.gen(function* () {
        const seconds = Math.min(secondsLeft, yield* Random.nextIntBetween(1, 40))
        secondsLeft -= seconds
        yield* clock.advance(Duration.seconds(seconds))
      })

      // Fires until it is killed, whatever it is doing at that moment.
      const live = Effect.gen(function* () {
        const scope = yield* Scope.make()
        const services = yield* Layer.build(newServer()).pipe(Scope.provide(scope))
        const firing = yield* Effect.forever(Effect.flatMap(Schedules, ({ step }) => step)).pipe(
          Effect.provide(services),
          Effect.forkDetach
        )
        const life = yield* Random.nextIntBetween(1, longestLife)
        for (let times = 0; times < life; times++) {
          yield* tickOn
          yield* Effect.sleep(yield* Random.nextIntBetween(1, 20))
        }
        yield* Fiber.interrupt(firing)
        yield* Scope.close(scope, Exit.void)
      })
      const isOver = Effect.map(find, ({ nextTick }) => DateTime.isGreaterThan(present(nextTick), end))
      const liveAgainAndAgain = Effect.gen(function* () {
        while (!(yield* isOver)) yield* live
      })
      yield* Effect.all([liveAgainAndAgain, liveAgainAndAgain], { concurrency: "unbounded" })

      const { items } = yield* observe(
        Effect.flatMap(JobRepo, ({ list }) => list({ type: "tick", limit: 2 * ticks }))
      )
      assert.strictEqual(items.length, ticks)
      assert.deepStrictEqual((yield* find).lastTick, end)
    }).pipe(Effect.scoped),
  240_000
)
