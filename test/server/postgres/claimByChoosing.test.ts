import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Schema } from "effect"
import * as Database from "../../../src/server/postgres/Database.ts"
import * as ClaimStarts from "../../../src/server/postgres/ClaimStarts.ts"
import * as JobGroups from "../../../src/server/postgres/JobGroups.ts"
import * as Migrations from "../../../src/server/postgres/Migrations.ts"
import { claim } from "../../../src/server/postgres/queries/claim.ts"
import { insert } from "../../../src/server/postgres/queries/insert.ts"
import { lockTypes } from "../../../src/server/postgres/queries/lockTypes.ts"
import {
  first,
  newGroup,
  newJob,
  newSlots,
  present,
  sourceOf,
  submission,
  claimOf
} from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const waitingRows = Database.rowsOf(Schema.Struct({ waiting: Schema.Number }))
const timeRows = Database.rowsOf(Schema.Struct({ time: Schema.Date }))

const limits = {
  concurrency: null,
  perWorker: null,
  perFairnessKey: null,
  rateLimit: { limit: 1, period: Duration.minutes(1) }
}

// The time of a transaction is that of its beginning. An attempt that began by it would make room in the rate limit too early.
it.live("begins attempts when the claims before are over, not when it began to wait for them", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* Migrations.migrate
    const database = Database.make(sql, Effect.succeed(null))
    const [stored] = yield* insert(database, JobGroups.make(database), [
      submission([newJob({ group: newGroup() })])
    ])
    if (stored?._tag !== "Created") return assert.fail("the job was not created")
    const source = sourceOf(first(stored.jobs), { limits })

    const waiting = database.query(
      waitingRows,
      "select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted"
    )
    const claiming = yield* Effect.forkChild(
      Effect.delay(claim(database, ClaimStarts.make(), claimOf([source], newSlots(1))), "20 millis")
    )
    const before = yield* database.transaction(
      Effect.gen(function* () {
        yield* lockTypes(database, [source.group.type])
        yield* Effect.repeat(Effect.delay(waiting, "5 millis"), {
          until: (rows) => present(rows[0]).waiting > 0
        })
        yield* Effect.sleep("30 millis")
        const rows = yield* database.query(
          timeRows,
          "select date_trunc('milliseconds', clock_timestamp()) as time"
        )
        return DateTime.fromDateUnsafe(present(rows[0]).time)
      })
    )
    const { jobs } = yield* Fiber.join(claiming)
    assert.isTrue(DateTime.isGreaterThanOrEqualTo(first(jobs).attempt.startedAt, before))
  }).pipe(Effect.provide(newDatabaseLayer))
)
