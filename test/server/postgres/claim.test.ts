import { assert, it } from "@effect/vitest"
import { Array as Arr, DateTime, Effect, Layer, Order, Random } from "effect"
import type { JobRecord } from "../../../src/domain/Job.ts"
import { JobRepo } from "../../../src/domain/JobRepo.ts"
import * as Migrations from "../../../src/server/postgres/Migrations.ts"
import * as PostgresJobRepo from "../../../src/server/postgres/PostgresJobRepo.ts"
import { insert, newGroup, newJob, newSlots, sourceOf } from "../../stores/StoreKit.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const clock = manualStoreClock()
const store = PostgresJobRepo.layer.pipe(
  Layer.provide(Migrations.layer),
  Layer.provide(newDatabaseLayer),
  Layer.provide(clock.layer)
)

const inOrder = Order.combineAll<JobRecord>([
  Order.mapInput(Order.flip(Order.Number), ({ group }) => group.priority),
  Order.mapInput(DateTime.Order, ({ runAt }) => runAt),
  Order.mapInput(Order.String, ({ id }) => id)
])

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
      const { contended, jobs } = yield* repo.claim({ sources, accepts: [], slots: newSlots(size) })
      assert.isFalse(contended)
      given.push(...jobs.map(({ job }) => job.id))
    }
    assert.deepStrictEqual(
      given,
      stored.toSorted(inOrder).map(({ id }) => id)
    )
  }).pipe(Random.withSeed("sources"), Effect.provide(store))
)
