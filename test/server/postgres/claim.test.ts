import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Array as Arr, DateTime, Duration, Effect, Layer, Order, Random } from "effect"
import { DeadlockError, SqlError } from "effect/sql/SqlError"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import type { ClaimStarts } from "../../../src/server/postgres/ClaimStarts.ts"
import * as Database from "../../../src/server/postgres/Database.ts"
import { orUnavailable } from "../../../src/server/postgres/errors.ts"
import * as JobGroups from "../../../src/server/postgres/JobGroups.ts"
import * as Migrations from "../../../src/server/postgres/Migrations.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import { claim } from "../../../src/server/postgres/queries/claim.ts"
import { insert as insertJobs } from "../../../src/server/postgres/queries/insert.ts"
import {
  insert,
  newGroup,
  newJob,
  newSlots,
  present,
  sourceOf,
  submission,
  claimOf
} from "../../stores/StoreKit.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const clock = manualStoreClock()
const store = PostgresStore.layer.pipe(
  Layer.provide(Migrations.layer),
  Layer.provide(newDatabaseLayer),
  Layer.provide(clock.layer)
)

const inOrder = Order.combineAll<JobRecord>([
  Order.mapInput(Order.flip(Order.Number), ({ group }) => group.priority),
  Order.mapInput(DateTime.Order, ({ runAt }) => runAt),
  Order.mapInput(Order.String, ({ id }) => id)
])

it.live(
  "tells what is left of each of many sources: of who has nothing among the first, that it comes after them",
  () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const urgent = newGroup({ priority: 9 })
      const usual = newGroup()
      const [first, second, third] = yield* insert(
        newJob({ group: urgent }),
        newJob({ group: usual }),
        newJob({ group: usual })
      )
      const sources = [sourceOf(present(first)), sourceOf(present(second))]
      const due = DateTime.toEpochMillis(present(second).runAt)
      const headsAfter = Effect.fnUntraced(function* (slots: number) {
        const { heads, jobs } = yield* repo.claim(claimOf(sources, newSlots(slots)))
        const told = new Map(heads.map(({ group, runAt }) => [group, DateTime.toEpochMillis(runAt) - due]))
        return [jobs.map(({ job }) => job.id), sources.map(({ group }) => told.get(group.id))] as const
      })
      const headStart = Duration.toMillis(Duration.minutes(90))
      assert.deepStrictEqual(yield* headsAfter(1), [[present(first).id], [headStart + 1, 0]])
      assert.deepStrictEqual(yield* headsAfter(1), [[present(second).id], [headStart + 1, 0]])
      assert.deepStrictEqual(yield* headsAfter(1), [[present(third).id], [headStart + 1, 1]])
    }).pipe(Effect.provide(store))
)

// The store looks at a part of each source only, the smaller the more sources there are.
it.live("gives the first of all jobs, however they are spread over many sources", () =>
  Effect.gen(function* () {
    const repo = yield* JobRepo
    const groups = Arr.makeBy(40, (index) => newGroup({ priority: index % 3 }))
    // A few groups have most of the jobs, and the ids are in another order than the times.
    const jobs = yield* Effect.forEach(Arr.range(1, 600), () =>
      Effect.map(Random.next, (chance) =>
        newJob({ group: groups[Math.floor(40 * chance ** 4)] ?? newGroup() })
      )
    )
    const stored: Array<JobRecord> = []
    for (const some of Arr.chunksOf(yield* Random.shuffle(jobs), 15)) {
      stored.push(...(yield* insert(...some)))
      yield* clock.advance(yield* Random.nextIntBetween(0, 2))
    }
    const sources = [...new Map(stored.map((job) => [job.group.id, sourceOf(job)])).values()]
    const given: Array<string> = []
    for (const size of [1, 2, 7, 1, 30, 100, 3, 400, 100]) {
      const { contended, jobs } = yield* repo.claim(claimOf(sources, newSlots(size)))
      assert.isFalse(contended)
      given.push(...jobs.map(({ job }) => job.id))
    }
    assert.deepStrictEqual(
      given,
      stored.toSorted(inOrder).map(({ id }) => id)
    )
  }).pipe(Random.withSeed("sources"), Effect.provide(store))
)

it.live("tells what was given, even if the second look for jobs fails", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* Migrations.migrate
    const database = Database.make(sql, Effect.succeed(null))
    const groups = JobGroups.make(database)
    const group = newGroup()
    yield* insertJobs(database, groups, [submission([newJob({ group })])])
    const [stored] = yield* groups.like([group])
    const source = {
      group: present(stored),
      lease: Duration.minutes(1),
      maxRun: Duration.minutes(1),
      pickup: null,
      limits: null,
      turn: 0,
      better: null
    }
    const starts: ClaimStarts = { of: () => DateTime.makeUnsafe(0), gave: () => {} }
    const wish = claimOf([source], newSlots(2))

    // A deadlock, after which the whole would be tried again with attempts that are there already.
    let looks = 0
    const failing: Database.Database = {
      ...database,
      queryAtTime: (...query) =>
        Effect.suspend(() => {
          looks += 1
          return looks === 2
            ? Effect.fail(
                new SqlError({ reason: new DeadlockError({ cause: "in the way", operation: "query" }) })
              )
            : database.queryAtTime(...query)
        })
    }
    const given = yield* orUnavailable(claim(failing, starts, wish))
    assert.deepStrictEqual([given.jobs.length, given.contended, looks], [1, true, 2])

    // Nothing is given by then, so that all may be tried again.
    looks = 0
    const none = yield* orUnavailable(
      claim(failing, starts, { ...wish, attempts: newSlots(2).map(({ attempt }) => attempt) })
    )
    assert.deepStrictEqual([none.jobs.length, none.contended, looks], [0, false, 4])
  }).pipe(Effect.provide(newDatabaseLayer))
)
