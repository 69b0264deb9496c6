/** Servers on one database that die while they fire the same schedules: every tick gets its job, and only one. */
import { assert, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Exit, Fiber, Layer, Random, Scope } from "effect"
import { JobRepo } from "../../../src/domain/JobRepo.ts"
import { ScheduleRepo } from "../../../src/domain/ScheduleRepo.ts"
import { anyone } from "../../../src/domain/Caller.ts"
import { Schedules } from "../../../src/domain/Schedules.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { storeOn } from "../../support/stores.ts"
import { newDatabase } from "../../support/testDatabase.ts"
import { present } from "../../stores/StoreKit.ts"
import { Option } from "effect"

/** How many ticks: 10,000 in the long form. */
const ticks = Number(process.env["LAZYBOSS_TEST_TICKS"] ?? 300)

/** So many steps are taken at most before one of the servers dies. */
const longestLife = 8

it.live(
  "no tick is lost and none has two jobs, whoever dies",
  () =>
    Effect.gen(function* () {
      const url = yield* newDatabase
      const clock = manualStoreClock()
      const server = DomainLive.pipe(
        Layer.provideMerge(Layer.fresh(storeOn(url).pipe(Layer.provide(clock.layer))))
      )
      const observer = yield* Layer.build(server)
      const name = "every-second"
      yield* Effect.provide(
        Effect.flatMap(Schedules, ({ put }) =>
          put(name, { cron: "* * * * * *", job: { type: "tick" }, catchUp: "all" }, anyone(Option.none()))
        ),
        observer
      )
      const start = present(
        yield* Effect.provide(
          Effect.flatMap(ScheduleRepo, ({ find }) => find(name)),
          observer
        )
      )
      const firstTick = present(start.schedule.nextTick)
      const untilLast = DateTime.distance(start.now, firstTick)
      const end = DateTime.addDuration(firstTick, Duration.seconds(ticks - 1))

      const stepOnce = Effect.flatMap(Schedules, ({ step }) => step)
      let passed = Duration.toMillis(untilLast) - 1_000
      yield* clock.advance(Duration.millis(passed))
      const isOver = Effect.provide(
        Effect.gen(function* () {
          const repo = yield* ScheduleRepo
          const { nextTick } = present(yield* repo.find(name)).schedule
          return DateTime.isGreaterThan(present(nextTick), end)
        }),
        observer
      )
      // One server after another fires until it is killed in the middle of something.
      const live = Effect.gen(function* () {
        const scope = yield* Scope.make()
        const services = yield* Layer.build(server).pipe(Scope.provide(scope))
        const firing = yield* Effect.forkDetach(Effect.provide(Effect.forever(stepOnce), services))
        const steps = yield* Random.nextIntBetween(1, longestLife)
        for (let step = 0; step < steps; step++) {
          const advance = Math.min(yield* Random.nextIntBetween(1, 40), ticks + 1)
          if (passed < Duration.toMillis(untilLast) + (ticks - 1) * 1_000) {
            const millis = Math.min(
              advance * 1_000,
              Duration.toMillis(untilLast) + (ticks - 1) * 1_000 - passed
            )
            passed += millis
            yield* clock.advance(millis)
          }
          yield* Effect.sleep(yield* Random.nextIntBetween(1, 20))
        }
        yield* Fiber.interrupt(firing)
        yield* Scope.close(scope, Exit.void)
      })
      const serve = Effect.gen(function* () {
        while (!(yield* isOver)) yield* live
      })
      const begun = yield* Clock.currentTimeMillis
      yield* Effect.all([serve, serve], { concurrency: "unbounded" })
      assert.isAbove(yield* Clock.currentTimeMillis, begun)

      const { items } = yield* Effect.provide(
        Effect.flatMap(JobRepo, ({ list }) => list({ type: "tick", limit: ticks * 2 })),
        observer
      )
      assert.strictEqual(items.length, ticks)
    }).pipe(Effect.scoped),
  240_000
)
