/**
 * Servers on one database that die while they fire the same schedule, and are thrown out by the database in the middle of it:
 * every tick gets its job, and only one.
 */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Fiber, Layer, Option, Random, References, Scope } from "effect"
import { anyone } from "../../../src/domain/access/Caller.ts"
import type { Deadlines } from "../../../src/domain/Deadlines.ts"
import { retryForever } from "../../../src/domain/retryForever.ts"
import type { EventHub } from "../../../src/domain/events/EventHub.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { Schedules } from "../../../src/domain/schedules/Schedules.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import { fireSchedules } from "../../../src/server/loops/fireSchedules.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import { present } from "../../stores/StoreKit.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { storeOn } from "../../support/stores.ts"
import { newDatabase } from "../../support/testDatabase.ts"

/** How many ticks there are: a few hundred, or 10,000 in the long form. */
const ticks = Number(process.env["LAZYBOSS_TEST_TICKS"] ?? 300)

/** Another seed, another story. */
const seed = process.env["LAZYBOSS_TEST_SEED"] ?? "one"

/** Once in so many times that the clock goes on, all are thrown out of the database. */
const rareness = 20

/** Ends all connections to this database but the one that says so, whatever they are used for at the moment. */
const throwAllOut = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`

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
        Effect.provide(retryForever("observe", effect), observer)
      const admin = yield* Layer.build(Layer.fresh(Postgres.layer({ url, maxConnections: 1 })))
      const disturb = Effect.flatMap(PgClient, (sql) => sql.unsafe(throwAllOut).unprepared).pipe(
        Effect.provide(admin),
        Effect.ignore
      )
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
        const services = yield* retryForever("start", Layer.build(newServer())).pipe(Scope.provide(scope))
        const firing = yield* Effect.flatMap(Schedules, ({ step }) => retryForever("fire", step)).pipe(
          Effect.forever,
          Effect.provide(services),
          Effect.forkDetach
        )
        const life = yield* Random.nextIntBetween(1, longestLife)
        for (let times = 0; times < life; times++) {
          yield* tickOn
          yield* Effect.sleep(yield* Random.nextIntBetween(1, 20))
          if ((yield* Random.nextIntBetween(0, rareness)) === 0) yield* disturb
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
    }).pipe(Effect.scoped, Random.withSeed(seed), Effect.provideService(References.MinimumLogLevel, "None")),
  240_000
)

it.live(
  "a schedule that is made at one server is fired by another, each tick within a second of its time",
  () =>
    Effect.gen(function* () {
      const url = yield* newDatabase
      const server = (duties: Layer.Layer<never, never, Deadlines | EventHub | Schedules>) =>
        Layer.build(
          duties.pipe(Layer.provideMerge(DomainLive), Layer.provideMerge(storeOn(url)), Layer.fresh)
        )
      const one = yield* server(Layer.empty)
      yield* server(Layer.effectDiscard(Effect.forkScoped(fireSchedules)))
      // The other server has looked for schedules, and found none: it sleeps for seconds unless it hears of one.
      yield* Effect.sleep("1 second")
      const put = Effect.flatMap(Schedules, (schedules) =>
        schedules.put(name, { cron: "* * * * * *", job: { type: "tick" } }, anyone(Option.none()))
      )
      const { schedule } = yield* Effect.provide(put, one)
      const first = present(schedule.nextTick)
      const jobs = yield* Effect.flatMap(JobRepo, (repo) => repo.list({ schedule: name, limit: 10 })).pipe(
        Effect.map(({ items }) => items.toReversed()),
        Effect.delay("100 millis"),
        Effect.repeat({ until: (found) => found.length >= 3 }),
        Effect.timeout("20 seconds"),
        Effect.provide(one)
      )
      for (const [place, { createdAt }] of jobs.entries()) {
        const late = DateTime.toEpochMillis(createdAt) - DateTime.toEpochMillis(first) - place * 1_000
        assert.isAtLeast(late, 0)
        assert.isBelow(late, 1_000)
      }
    }).pipe(Effect.scoped)
)
