import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer } from "effect"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import * as ClaimStarts from "../../../src/server/postgres/ClaimStarts.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import {
  claim,
  first,
  insert,
  insertOne,
  newGroup,
  newJob,
  newSlots,
  plenty,
  sourceOf,
  startOne,
  claimOf
} from "../../stores/StoreKit.ts"
import { manualStoreClock } from "../../support/storeClock.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const clock = manualStoreClock()
const store = PostgresStore.layerMigrated.pipe(Layer.provide(newDatabaseLayer), Layer.provide(clock.layer))

const many = 1_001

it.live("looks from the last job given on only where much was given, and not for long", () =>
  Effect.gen(function* () {
    const claimed = yield* startOne()
    const { id } = claimed.job.group
    const starts = ClaimStarts.make()
    assert.isNull(starts.of(id, 0))
    starts.gave([claimed], 0)
    assert.isNull(starts.of(id, 1))
    const later = {
      ...claimed,
      job: { ...claimed.job, runAt: DateTime.add(claimed.job.runAt, { seconds: 1 }) }
    }
    starts.gave([later], 1)
    // An older one, found by looking from the beginning, does not lead back to it.
    starts.gave(
      Array.from({ length: many }, () => claimed),
      1
    )
    assert.deepStrictEqual(starts.of(id, 1_000), later.job.runAt)
    assert.isNull(starts.of(id, 1_001))
    assert.deepStrictEqual(starts.of(id, 1_002), later.job.runAt)
    assert.isNull(starts.of(id + 1, 1_002))
    // The clock was set back: nobody knows how long ago that look was.
    assert.isNull(starts.of(id, 900))
    assert.deepStrictEqual(starts.of(id, 901), later.job.runAt)
    assert.isNull(starts.of(id, 130_000))
    assert.isNull(starts.of(id, 130_001))
  }).pipe(Effect.provide(store))
)

it.live("remembers those groups that were claimed from last, of which there is no end", () =>
  Effect.gen(function* () {
    const claimed = yield* startOne()
    const { job } = claimed
    const claimedFrom = (id: number) => ({ ...claimed, job: { ...job, group: { ...job.group, id } } })
    const starts = ClaimStarts.make()
    const give = (id: number, now: number) =>
      starts.gave(
        Array.from({ length: many }, () => claimedFrom(id)),
        now
      )
    const others = (from: number) => Array.from({ length: 5_000 }, (_, index) => claimedFrom(from + index))
    give(1, 0)
    give(2, 0)
    starts.gave(others(10_000), 1)
    give(2, 2)
    starts.gave(others(20_000), 3)
    give(3, 4)
    assert.deepStrictEqual(
      [1, 2, 3].map((id) => starts.of(id, 5)),
      [null, job.runAt, job.runAt]
    )
  }).pipe(Effect.provide(store))
)

it.live.each([
  { of: "by standing", fairnessKey: null },
  { of: "by choosing", fairnessKey: "key" }
])("finds the older job when there are no others, and soon when there are: $of", ({ fairnessKey }) =>
  Effect.gen(function* () {
    const repo = yield* JobRepo
    const group = newGroup({ fairnessKey })
    const late = yield* insertOne({ group, delay: Duration.millis(1) })
    yield* clock.advance(10)
    const jobs = yield* insert(...Array.from({ length: many }, () => newJob({ group })))
    const source = sourceOf(first(jobs))
    // Without a look at each of them, which takes so long that the next look begins at the beginning anyhow.
    const given = yield* repo.claim(claimOf([source], newSlots(many)))
    assert.strictEqual(given.jobs.length, many)
    yield* repo.promote(plenty)
    assert.deepStrictEqual(
      (yield* claim([source], newSlots(2))).map(({ job }) => job.id),
      [late.id]
    )

    const isFound = Effect.fnUntraced(function* (older: JobRecord) {
      const [given] = yield* claim([source], newSlots(1))
      return given?.job.id === older.id
    })
    const older = yield* insertOne({ group, delay: Duration.millis(1) })
    yield* clock.advance(10)
    yield* insert(...Array.from({ length: 500 }, () => newJob({ group })))
    yield* claim([source], newSlots(1))
    yield* repo.promote(plenty)
    yield* Effect.repeat(Effect.andThen(Effect.sleep("100 millis"), isFound(older)), {
      until: (found) => found,
      times: 20
    })
    assert.strictEqual(first(yield* repo.find([older.id]))?.status, "processing")
  }).pipe(Effect.provide(store))
)
