import { randomUUID } from "node:crypto"
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Queue, type Redacted, References, Stream } from "effect"
import type { BossEventJson } from "../../../src/domain/events/BossEvent.ts"
import { anything, type News, noNews, Peers } from "../../../src/domain/events/Peers.ts"
import { JobId } from "../../../src/domain/Identifiers.ts"
import * as Notifications from "../../../src/server/postgres/Notifications.ts"
import * as Postgres from "../../../src/server/postgres/Postgres.ts"
import { newDatabase } from "../../support/testDatabase.ts"
import { eventually } from "../../support/waiting.ts"

const newJobId = () => JobId.make(randomUUID())

const eventOf = (reason: string): BossEventJson => ({
  event: "worker.gone",
  at: "2030-01-01T00:00:00.000Z",
  worker: "w",
  reason
})

/** A server on the database: what it hears goes into a queue. */
const startServer = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const context = yield* Layer.build(Layer.provideMerge(Notifications.layer, Postgres.layer({ url })))
  const peers = Context.get(context, Peers)
  const sql = Context.get(context, PgClient)
  const heard = yield* Queue.unbounded<News | typeof anything>()
  yield* Effect.forkScoped(Stream.runForEach(peers.news, (news) => Queue.offer(heard, news)))
  return { heard, sql, tell: peers.tell, take: Effect.timeout(Queue.take(heard), "5 seconds") }
})

const listeners = `
  select pid from pg_stat_activity where query like 'LISTEN%' and datname = current_database()`

/** Two servers on one database, both of which listen. */
const startTwo = Effect.gen(function* () {
  const url = yield* newDatabase
  const one = yield* startServer(url)
  const two = yield* startServer(url)
  // Whatever happened before they listened.
  assert.deepStrictEqual([yield* one.take, yield* two.take], [anything, anything])
  return { one, two }
})

describe("notifications", () => {
  it.live("tell the other servers, and not the own one", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      const [first, second] = [newJobId(), newJobId()]
      yield* one.tell({ ...noNews, jobs: [first], progress: [], groups: [7] })
      assert.deepStrictEqual(yield* two.take, { ...noNews, jobs: [first], progress: [], groups: [7] })
      yield* two.tell({ ...noNews, jobs: [second], progress: [], groups: [] })
      assert.deepStrictEqual(yield* one.take, { ...noNews, jobs: [second], progress: [], groups: [] })
      assert.strictEqual(yield* Queue.size(two.heard), 0)
    }).pipe(Effect.scoped)
  )

  it.live("go together when much happens, each in a payload that PostgreSQL takes", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      const jobs = Array.from({ length: 1_000 }, newJobId)
      const groups = Array.from({ length: 500 }, (_, index) => Number.MAX_SAFE_INTEGER - index)
      for (const [index, job] of jobs.entries()) {
        yield* one.tell({ ...noNews, jobs: [job], progress: [], groups: groups.slice(index, index + 1) })
      }
      const told = { jobs: new Set<string>(), groups: new Set<number>() }
      let messages = 0
      while (told.jobs.size < jobs.length || told.groups.size < groups.length) {
        const news = yield* two.take
        if (news === anything) return assert.fail("it did not say what happened")
        news.jobs.forEach((job) => told.jobs.add(job))
        news.groups.forEach((group) => told.groups.add(group))
        messages += 1
      }
      assert.isAtMost(messages, 20)
      assert.deepStrictEqual([...told.jobs], jobs)
    }).pipe(Effect.scoped)
  )

  it.live("bring events whole and in their order, in payloads that PostgreSQL takes", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      const jobs = Array.from({ length: 300 }, newJobId)
      const events = Array.from({ length: 200 }, (_, index) => eventOf("\u0001é".repeat(index)))
      yield* one.tell({ ...noNews, jobs, groups: [1], events, wantsEvents: true })
      const told: Array<BossEventJson> = []
      let isWanted = false
      while (told.length < events.length) {
        const news = yield* two.take
        if (news === anything) return assert.fail("it did not say what happened")
        assert.isFalse(news.missedEvents)
        isWanted ||= news.wantsEvents
        told.push(...news.events)
      }
      assert.isTrue(isWanted)
      assert.deepStrictEqual(told, events)
    }).pipe(Effect.scoped)
  )

  it.live("say that there were more events than were told, when there are too many or one is too large", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      const small = eventOf("small")
      yield* one.tell({ ...noNews, events: [small, eventOf("x".repeat(8_000))] })
      assert.deepStrictEqual(yield* two.take, { ...noNews, missedEvents: true })
      assert.deepStrictEqual(yield* two.take, { ...noNews, events: [small] })
      yield* one.tell({
        ...noNews,
        events: Array.from({ length: 1_001 }, (_, index) => eventOf(String(index)))
      })
      assert.deepStrictEqual(yield* two.take, { ...noNews, missedEvents: true })
      let told = 0
      while (told < 1_000) {
        const news = yield* two.take
        told += news === anything ? assert.fail("it did not say what happened") : news.events.length
      }
      assert.strictEqual(told, 1_000)
    }).pipe(Effect.scoped)
  )

  it.live("say only that there is something when more happens than can be told", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      yield* one.tell({ ...noNews, jobs: Array.from({ length: 2_001 }, newJobId), progress: [], groups: [1] })
      assert.strictEqual(yield* two.take, anything)
      const job = newJobId()
      yield* one.tell({ ...noNews, jobs: [job], progress: [], groups: [] })
      assert.deepStrictEqual(yield* two.take, { ...noNews, jobs: [job], progress: [], groups: [] })
    }).pipe(Effect.scoped)
  )

  it.live("say that anything may have happened after a connection was lost", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      yield* one.sql.unsafe(`select pg_terminate_backend(pid) from (${listeners}) as listeners`)
      assert.strictEqual(yield* two.take, anything)
      assert.strictEqual(yield* one.take, anything)
      const job = newJobId()
      yield* one.tell({ ...noNews, jobs: [job], progress: [], groups: [] })
      assert.deepStrictEqual(yield* two.take, { ...noNews, jobs: [job], progress: [], groups: [] })
    }).pipe(Effect.scoped)
  )

  it.live("say that anything may have happened when the news is of another version", () =>
    Effect.gen(function* () {
      const { one, two } = yield* startTwo
      yield* one.sql`select pg_notify('lazyboss', '{"from":"a newer one","news":{"beans":12}}')`
      assert.strictEqual(yield* two.take, anything)
      yield* one.sql`select pg_notify('lazyboss', 'no JSON')`
      assert.strictEqual(yield* two.take, anything)
    }).pipe(Effect.scoped)
  )

  it.live("tell later, without delaying anybody, what the database did not take", () => {
    const logged: Array<string> = []
    const capture = Logger.make(({ message }) => {
      logged.push(String(message))
    })
    return Effect.gen(function* () {
      const { one, two } = yield* startTwo
      yield* one.sql`alter function pg_catalog.pg_notify(text, text) rename to pg_notify_away`
      yield* one.tell({ ...noNews, jobs: [newJobId()], progress: [], groups: [1] })
      yield* Effect.promise(() =>
        eventually(() => assert.include(logged, "could not tell the other servers what happened"))
      )
      yield* one.sql`alter function pg_catalog.pg_notify_away(text, text) rename to pg_notify`
      assert.strictEqual(yield* two.take, anything)
    }).pipe(
      Effect.scoped,
      Effect.provideService(References.MinimumLogLevel, "Debug"),
      Effect.provide(Logger.layer([capture]))
    )
  })
})
