/** That no job gets into a project that is closed at the same moment, and none of one that is cancelled is left alone. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Latch, Layer, Schema } from "effect"
import { BulkActionRepo } from "../../../src/domain/jobs/BulkActionRepo.ts"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import * as Database from "../../../src/server/postgres/Database.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { addProject, cancelling, first, newJob, newName, present, submission } from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const store = PostgresStore.layerMigrated.pipe(Layer.provideMerge(newDatabaseLayer))

const countRows = Database.rowsOf(Schema.Struct({ count: Schema.Number }))

/** How many statements of this database wait for a lock. The activity is remembered for a transaction unless it is cleared. */
const waiting = `
  select count(*)::int as count
  from (select pg_stat_clear_snapshot()) as cleared
  cross join pg_locks
  join pg_stat_activity using (pid)
  where not granted and datname = current_database()`

const close = (project: ProjectId) =>
  Effect.flatMap(ProjectRepo, (projects) =>
    Effect.map(projects.close(project), (closed) => ({ closed, actions: [] }))
  )

const cancel = (project: ProjectId) =>
  Effect.gen(function* () {
    const action = cancelling(project)
    const closed = yield* (yield* ProjectRepo).cancel(project, action)
    return { closed, actions: [action.id] }
  })

it.live.each([
  ["closes", close],
  ["cancels", cancel]
] as const)("whoever %s a project waits for the jobs that are on their way into it", ([, closeIt]) =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    const database = Database.make(sql, Effect.succeed(null))
    const repo = yield* JobRepo
    const projects = yield* ProjectRepo
    const project = yield* addProject()
    const key = newName("key")

    const until = (isSo: (statements: number) => boolean) =>
      Effect.map(database.query(countRows, waiting), (rows) => first(rows).count).pipe(
        Effect.delay("5 millis"),
        Effect.repeat({ until: isSo }),
        Effect.timeout("20 seconds")
      )

    // On connections of their own: what is begun within a transaction is a part of it.
    const isKeyUsed = yield* Latch.make(false)
    const inserting = yield* isKeyUsed.await.pipe(
      Effect.andThen(
        repo.insert([{ ...submission([newJob({ project })]), idempotency: { key, fingerprint: "f" } }])
      ),
      Effect.forkChild
    )
    const isOnItsWay = yield* Latch.make(false)
    const hasBegun = yield* Latch.make(false)
    // Whoever closes has begun before, so that the job is younger than the transaction that must know of it.
    const closing = yield* hasBegun.open.pipe(
      Effect.andThen(isOnItsWay.await),
      Effect.andThen(closeIt(project)),
      sql.withTransaction,
      Effect.forkChild
    )
    yield* Effect.delay(hasBegun.await, "5 millis")

    // Somebody else uses the key, and thinks better of it: meanwhile the job is on its way, and waits.
    yield* sql
      .withTransaction(
        Effect.gen(function* () {
          yield* sql`insert into idempotency_key values (${key}, '', '{}', now(), null)`
          yield* isKeyUsed.open
          yield* until((statements) => statements === 1)
          yield* isOnItsWay.open
          yield* until((statements) => statements === 2 || closing.pollUnsafe() !== undefined)
          assert.isUndefined(closing.pollUnsafe())
          return yield* Effect.fail("thinks better of it")
        })
      )
      .pipe(Effect.flip)

    assert.strictEqual(first(yield* Fiber.join(inserting))._tag, "Created")
    const { actions, closed } = yield* Fiber.join(closing)
    assert.isNotNull(present(closed).closedAt)
    assert.strictEqual(present(yield* projects.count(project)).counts.pending, 1)
    for (const id of actions) {
      const bulkActions = yield* BulkActionRepo
      const action = present(yield* bulkActions.find(id))
      assert.strictEqual(action.matched, 1)
      assert.lengthOf((yield* bulkActions.look(action, 10)).jobs, 1)
    }
  }).pipe(Effect.provide(store))
)
