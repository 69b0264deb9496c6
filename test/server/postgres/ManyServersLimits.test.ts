/**
 * Limits and fairness hold for all servers on one database together. With `LIMITS_LONG=1` on 10,000 and 100,000 jobs
 * instead of few.
 */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Fiber, Layer, Option, Schema } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { PolicyOverrides } from "../../../src/domain/policies/PolicyOverrides.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import { rowsOf } from "../../../src/server/postgres/Database.ts"
import * as Notifications from "../../../src/server/postgres/Notifications.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { anybody, holdingOf, many, vacancy } from "../../domain/support/world.ts"
import { first } from "../../stores/StoreKit.ts"
import { newDatabase } from "../../support/testDatabase.ts"

const isLong = process.env["LIMITS_LONG"] !== undefined
const timeout = isLong ? 3_600_000 : 120_000
/** Far less than the look that stands behind lost news. */
const wellBeforeTheBackstop = Duration.seconds(4)

/** Two servers on a new database, and the database. */
const twoServers = Effect.gen(function* () {
  const url = yield* newDatabase
  const start = Effect.gen(function* () {
    const layer = DomainLive.pipe(
      Layer.provide(Layer.merge(PostgresStore.layerMigrated, Notifications.layer)),
      Layer.provideMerge(Postgres.layer({ url, maxConnections: 4 }))
    )
    const context = yield* Layer.build(Layer.fresh(layer))
    return { boss: Context.get(context, Boss), policies: Context.get(context, SupervisorPolicy), context }
  })
  const [one, two] = [yield* start, yield* start]
  const rule = (type: string, own: PolicyOverrides) => one.policies.change(type, null, () => own)
  // As soon as it is in force at the other server too.
  const ruleBoth = Effect.fnUntraced(function* (type: string, own: PolicyOverrides) {
    yield* rule(type, own)
    while (Object.keys((yield* two.policies.find(type)).own).length === 0) yield* Effect.sleep("10 millis")
  })
  return { one: one.boss, two: two.boss, ruleBoth, sql: Context.get(one.context, PgClient) }
})

type TheBoss = typeof Boss.Service

const submit = (boss: TheBoss, count: number, job: Parameters<typeof many>[1]) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(count / 1_000) }, (_, part) => Math.min(1_000, count - part * 1_000)),
    (size) => Effect.orDie(boss.submit(many(size, job), anybody, Option.none())),
    { discard: true }
  )

const finish = (boss: TheBoss, claimed: ClaimedJob) =>
  Effect.orDie(boss.finish(holdingOf(claimed), { _tag: "Done", result: null }))

const runningRows = rowsOf(Schema.Struct({ running: Schema.Number }))

it.live(
  "no more run at the same time than may, wherever they are claimed",
  () =>
    Effect.gen(function* () {
      const { one, ruleBoth, sql, two } = yield* twoServers
      const limit = 3
      const jobs = isLong ? 10_000 : 600
      yield* ruleBoth("limited", { concurrency: limit })
      yield* submit(one, jobs, { type: "limited" })

      let running = 0
      let mostAtWorkers = 0
      let mostInDatabase = 0
      let done = 0
      const look = sql.unsafe("select count(*)::int as running from job where status = 'processing'").pipe(
        Effect.flatMap(runningRows),
        Effect.map((rows) => {
          mostInDatabase = Math.max(mostInDatabase, first(rows).running)
        })
      )
      const watching = yield* Effect.forkChild(Effect.forever(Effect.andThen(look, Effect.sleep("3 millis"))))
      const work = Effect.fnUntraced(function* (boss: TheBoss, index: number) {
        const asking = vacancy({ types: ["limited"], worker: `worker-${index}`, max: 1 + (index % 2) })
        while (done < jobs) {
          const claimed = yield* boss.claim(asking, Duration.millis(500))
          running += claimed.length
          mostAtWorkers = Math.max(mostAtWorkers, running)
          yield* Effect.sleep("1 millis")
          for (const job of claimed) {
            running -= 1
            yield* finish(boss, job)
            done += 1
          }
        }
      })
      yield* Effect.forEach([one, two, one, two, one, two, one, two], work, { concurrency: "unbounded" })
      yield* Fiber.interrupt(watching)
      assert.deepStrictEqual([done, mostAtWorkers, mostInDatabase], [jobs, limit, limit])
    }).pipe(Effect.scoped),
  timeout
)

it.live("a vacancy at one server is served as soon as an attempt ends at the other", () =>
  Effect.gen(function* () {
    const { one, ruleBoth, two } = yield* twoServers
    yield* ruleBoth("limited", { concurrency: 1 })
    yield* submit(one, 2, { type: "limited" })
    const asking = vacancy({ types: ["limited"] })
    const claimed = first(yield* one.claim(asking, Duration.seconds(20)))
    const waiting = yield* Effect.forkChild(two.claim(asking, Duration.seconds(20)))
    // By then it has found out that nothing may be given.
    yield* Effect.sleep("300 millis")
    yield* finish(one, claimed)
    const [duration, jobs] = yield* Effect.timed(Fiber.join(waiting))
    assert.strictEqual(jobs.length, 1)
    assert.isTrue(Duration.isLessThan(duration, wellBeforeTheBackstop), String(duration))
  }).pipe(Effect.scoped)
)

it.live("one begins in a period, wherever it is claimed", () =>
  Effect.gen(function* () {
    const { one, ruleBoth, two } = yield* twoServers
    const period = Duration.millis(150)
    yield* ruleBoth("rated", { rateLimit: { limit: 1, period } })
    yield* submit(one, 8, { type: "rated" })
    const shares = yield* Effect.forEach(
      [one, two, one, two, one, two, one, two],
      (boss) => boss.claim(vacancy({ types: ["rated"] }), Duration.seconds(30)),
      { concurrency: "unbounded" }
    )
    const times = shares
      .flat()
      .map(({ attempt }) => DateTime.toEpochMillis(attempt.startedAt))
      .toSorted((left, right) => left - right)
    assert.lengthOf(times, 8)
    times.forEach((time, index) => {
      if (index > 0) assert.isAtLeast(time - (times[index - 1] ?? 0), Duration.toMillis(period))
    })
  }).pipe(Effect.scoped)
)

it.live(
  "a tenant with ten jobs waits about twice as long as alone beside one that floods",
  () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoServers
      const job = { type: "shared" }
      yield* submit(one, isLong ? 100_000 : 3_000, { ...job, fairnessKey: "flood" })
      const asking = vacancy({ types: ["shared"] })
      for (const boss of [one, two])
        yield* finish(boss, first(yield* boss.claim(asking, Duration.seconds(20))))
      yield* submit(two, 10, { ...job, fairnessKey: "small" })
      // Until both have heard of them.
      yield* Effect.sleep("500 millis")
      const given: Array<string | null> = []
      while (given.length < 40) {
        for (const boss of [one, two]) {
          const claimed = first(yield* boss.claim(asking, Duration.seconds(20)))
          given.push(claimed.job.group.fairnessKey)
          yield* finish(boss, claimed)
        }
      }
      assert.strictEqual(given.filter((key) => key === "small").length, 10)
      assert.isAtMost(given.lastIndexOf("small"), 2 * 10 + 1)
    }).pipe(Effect.scoped),
  timeout
)
