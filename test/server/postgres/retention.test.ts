/** That finished jobs leave without waiting for anybody, and leave nothing behind. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer, Schema } from "effect"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { RetentionRepo } from "../../../src/domain/jobs/RetentionRepo.ts"
import * as Database from "../../../src/server/postgres/Database.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import {
  end,
  failOne,
  logChunk,
  newGroup,
  present,
  progressWrite,
  startAgain,
  transition
} from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const store = PostgresStore.layerMigrated.pipe(Layer.provideMerge(newDatabaseLayer))

const tables = ["job", "job_payload", "attempt", "progress_event", "job_retry", "job_amendment"]
const countRows = Database.rowsOf(Schema.Struct({ count: Schema.Number }))

const counts = Effect.gen(function* () {
  const sql = yield* PgClient
  const database = Database.make(sql, Effect.succeed(null))
  return yield* Effect.forEach(tables, (table) =>
    Effect.map(
      database.query(countRows, `select count(*)::int as count from ${table}`),
      ([row]) => row?.count ?? 0
    )
  )
})

/** A job that has some of everything, and failed. */
const failedOne = (type: string) =>
  Effect.gen(function* () {
    const repo = yield* JobRepo
    const failed = yield* failOne({ job: { group: newGroup({ type }) } })
    const [retried] = yield* repo.retry([failed.id])
    yield* repo.amend([{ job: failed.id, amendment: { tags: ["x"] } }])
    const started = yield* startAgain(present(retried))
    yield* repo.recordProgress([progressWrite(started, 0, { events: [logChunk(1, "line")] })])
    return present(yield* end(started, transition("failed")))
  })

const deleteAll = (type: string) =>
  Effect.flatMap(RetentionRepo, ({ deleteFinished }) =>
    deleteFinished([{ type, kind: "failed", age: Duration.zero }], 10)
  )

it.live("leaves nothing of a deleted job in any table", () =>
  Effect.gen(function* () {
    yield* failedOne("gone")
    const whole = yield* counts
    assert.notInclude(whole, 0)
    yield* failedOne("kept")
    assert.strictEqual(yield* deleteAll("gone"), 1)
    assert.deepStrictEqual(yield* counts, whole)
    assert.strictEqual(yield* deleteAll("kept"), 1)
    assert.deepStrictEqual(
      yield* counts,
      tables.map(() => 0)
    )
  }).pipe(Effect.provide(store))
)

it.live("passes over a job that somebody holds, and deletes the others meanwhile", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    const [held, free] = [yield* failedOne("a"), yield* failedOne("a")]
    const repo = yield* JobRepo
    const isHeld = yield* Deferred.make<void>()
    const deleting = yield* Effect.forkChild(Effect.andThen(Deferred.await(isHeld), deleteAll("a")))
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`select from job where id = ${held.id}::uuid for update`
        yield* Deferred.succeed(isHeld, undefined)
        assert.strictEqual(yield* Effect.timeout(Fiber.join(deleting), "20 seconds"), 1)
      })
    )
    const found = yield* repo.find([held.id, free.id])
    assert.deepStrictEqual(
      found.map((job) => job !== null),
      [true, false]
    )
  }).pipe(Effect.provide(store))
)
