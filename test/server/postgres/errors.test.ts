import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Ref, Schedule } from "effect"
import {
  ConnectionError,
  DeadlockError,
  SerializationError,
  SqlError,
  UnknownError
} from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { StoreUnavailable } from "../../../src/domain/StoreUnavailable.ts"
import { orUnavailable, patience } from "../../../src/server/postgres/errors.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const errorOf = (code: string) =>
  new SqlError({
    reason: new UnknownError({ cause: Object.assign(new Error(code), { code }), operation: "query" })
  })

const defectOf = <A>(exit: Exit.Exit<A>) =>
  Exit.isFailure(exit) ? Cause.squash(exit.cause) : assert.fail("it succeeded")

const dies = <A, E>(call: Effect.Effect<A, E>) => Effect.map(Effect.exit(orUnavailable(call)), defectOf)

describe("errors of the database", () => {
  it.effect.each([
    ["08006", "connection lost"],
    ["25006", "read-only"],
    ["53100", "disk full"],
    ["53300", "too many connections"],
    ["55P03", "lock not available"],
    ["57014", "statement took too long"],
    ["57P01", "shutdown"],
    ["57P03", "starting up"],
    ["58030", "disk failing"]
  ] as const)("tell that the store is unavailable: %s, %s", ([code]) =>
    Effect.gen(function* () {
      const defect = yield* dies(Effect.fail(errorOf(code)))
      assert.instanceOf(defect, StoreUnavailable)
    })
  )

  it.effect("tell what is the matter, in words that are fit for any caller", () =>
    Effect.gen(function* () {
      const messageOf = (error: SqlError) =>
        Effect.map(dies(Effect.fail(error)), (defect) => defect instanceof Error && defect.message)
      const crash = new SqlError({
        reason: new ConnectionError({
          cause: new Error(
            "the embedded database has stopped: PANIC: could not write: No space left on device"
          )
        })
      })
      assert.strictEqual(yield* messageOf(errorOf("53100")), "the database has no space left")
      assert.strictEqual(yield* messageOf(crash), "the database has no space left")
      assert.strictEqual(yield* messageOf(errorOf("25006")), "the database takes no changes")
      assert.strictEqual(yield* messageOf(errorOf("08006")), "the database does not answer")
    })
  )

  it.effect("tell that the store is unavailable when no answer comes in time", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(dies(Effect.never))
      yield* TestClock.adjust(Duration.subtract(patience, Duration.millis(1)))
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.instanceOf(yield* Fiber.join(waiting), StoreUnavailable)
    })
  )

  it.effect.each(["22P02", "23505", "42601", "42P01", "XX000"])("are defects otherwise: %s", (code) =>
    Effect.gen(function* () {
      const error = errorOf(code)
      assert.strictEqual(yield* dies(Effect.fail(error)), error)
    })
  )

  it.effect("tell that the store is unavailable when the connection is gone, even as a defect", () =>
    Effect.gen(function* () {
      const error = new SqlError({ reason: new ConnectionError({ cause: new Error("closed") }) })
      assert.instanceOf(yield* dies(Effect.fail(error)), StoreUnavailable)
      assert.instanceOf(yield* dies(Effect.die(error)), StoreUnavailable)
    })
  )

  it.live("do not come of a conflict with another transaction that goes away", () =>
    Effect.gen(function* () {
      const reasons = [DeadlockError, SerializationError]
      for (const Reason of reasons) {
        const tries = yield* Ref.make(0)
        const call = Effect.gen(function* () {
          const count = yield* Ref.updateAndGet(tries, (count) => count + 1)
          return count < 3 ? yield* new SqlError({ reason: new Reason({ cause: null }) }) : count
        })
        assert.strictEqual(yield* orUnavailable(call), 3)
      }
    })
  )

  it.live("of a real database: another kills the session, or the statement takes too long", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient
      const tooLong = sql.withTransaction(
        Effect.andThen(sql`set local statement_timeout = '10ms'`, sql`select pg_sleep(20)`)
      )
      assert.instanceOf(yield* dies(tooLong), StoreUnavailable)

      const sleeping = yield* Effect.forkChild(dies(sql`select pg_sleep(20) as killed`))
      const kill = sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where query like '%as killed%' and pid <> pg_backend_pid()`
      yield* Effect.repeat(kill, {
        until: (killed) => killed.length > 0,
        schedule: Schedule.spaced("20 millis")
      })
      assert.instanceOf(yield* Fiber.join(sleeping), StoreUnavailable)
    }).pipe(Effect.provide(newDatabaseLayer))
  )
})
