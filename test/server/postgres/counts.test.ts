/** How PostgreSQL keeps the counts of jobs, whoever changes them and however many at once. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { Deadlines } from "../../../src/domain/Deadlines.ts"
import { CountsRepo } from "../../../src/domain/stats/CountsRepo.ts"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import { Peers } from "../../../src/domain/events/Peers.ts"
import { countsOf, totalsOf } from "../../../src/domain/stats/Flow.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { rollUpCounts } from "../../../src/server/loops/rollUpCounts.ts"
import { counts as migration } from "../../../src/server/postgres/migrations/0005_counts.ts"
import * as PostgresStore from "../../../src/server/postgres/PostgresStore.ts"
import {
  cancellation,
  claim,
  ending,
  first,
  insert,
  newGroup,
  newJob,
  newSlots,
  plenty,
  sourceOf,
  transition
} from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const store = Layer.provideMerge(PostgresStore.layerMigrated, newDatabaseLayer)

const run = (statement: string) => Effect.flatMap(PgClient, (sql) => sql.unsafe(statement).unprepared)
const flows = Effect.flatMap(CountsRepo, (repo) => repo.flows(plenty))
const eventuallyNone = (count: Effect.Effect<number, unknown, PgClient>) =>
  Effect.timeout(
    Effect.repeat(Effect.delay(count, 20), { until: (left) => left === 0 }),
    Duration.seconds(20)
  )
const notes = Effect.map(run("select 1 from job_flow_delta"), (rows) => rows.length)

/** Stores pending jobs in one batch. */
const insertMany = (count: number) =>
  Effect.suspend(() =>
    insert(...Array.from({ length: count }, () => newJob({ group: newGroup({ type: "a" }) })))
  )

it.live("leaves one note for a batch, and none for a change that moves no job", () =>
  Effect.gen(function* () {
    const repo = yield* JobRepo
    const jobs = yield* insertMany(100)
    assert.strictEqual(yield* notes, 1)
    const started = yield* claim([sourceOf(first(jobs))], newSlots(100))
    assert.strictEqual(yield* notes, 2)
    yield* repo.cancel(started.map(({ job }) => cancellation(job.id, Duration.hours(1))))
    yield* repo.amend(started.map(({ job }) => ({ job: job.id, amendment: { priority: 1 } })))
    yield* repo.promote(plenty)
    yield* repo.expire(plenty)
    assert.strictEqual(yield* notes, 2)
    yield* repo.end(started.map((one) => ending(one, transition("done"))))
    assert.strictEqual(yield* notes, 3)
    yield* repo.end(started.map((one) => ending(one, transition("done"))))
    assert.strictEqual(yield* notes, 3)
    assert.deepInclude(countsOf(yield* flows), { pending: 0, processing: 0, done: 100 })
  }).pipe(Effect.provide(store))
)

it.live("counts nothing of what is taken back", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* insertMany(1)
    const before = yield* flows
    yield* Effect.exit(sql.withTransaction(Effect.andThen(insertMany(1), Effect.fail("never mind"))))
    assert.deepStrictEqual(yield* flows, before)
  }).pipe(Effect.provide(store))
)

it.live("loses and doubles nothing while several servers add up what others write", () =>
  Effect.gen(function* () {
    const repo = yield* CountsRepo
    const rounds = 40
    const write = Effect.repeat(insertMany(2), { times: rounds - 1 })
    const addUp = Effect.repeat(repo.rollUp(3), { times: rounds })
    const seen: Array<number> = []
    const look = Effect.repeat(
      Effect.map(flows, (told) => seen.push(totalsOf(told).created)),
      { times: rounds }
    )
    yield* Effect.all([write, write, addUp, addUp, look], { concurrency: "unbounded" })
    assert.deepStrictEqual(
      seen,
      seen.toSorted((left, right) => left - right)
    )
    assert.strictEqual(totalsOf(yield* flows).created, 4 * rounds)
    while ((yield* repo.rollUp(plenty)) > 0);
    assert.strictEqual(yield* notes, 0)
    assert.strictEqual(totalsOf(yield* flows).created, 4 * rounds)
  }).pipe(Effect.provide(store))
)

it.live("is added up soon after something happened", () =>
  Effect.gen(function* () {
    const hub = yield* EventHub
    yield* Effect.forkScoped(rollUpCounts)
    const jobs = yield* insertMany(2)
    yield* hub.publish("created", jobs)
    yield* eventuallyNone(notes)
    assert.strictEqual(totalsOf(yield* flows).created, 2)
  }).pipe(Effect.scoped, Effect.provide([store, Deadlines.layer, Layer.provide(EventHub.layer, Peers.none)]))
)

it.live("begins with the jobs that are there when the counting begins", () =>
  Effect.gen(function* () {
    yield* insertMany(5)
    yield* run("update job set status = 'done' where id in (select id from job limit 2)")
    yield* run("drop table job_flow, job_flow_delta")
    yield* migration
    // As later migrations leave it.
    yield* run("alter table job_flow_delta add column project uuid")
    assert.deepInclude(countsOf(yield* flows), { pending: 3, done: 2 })
    yield* insertMany(1)
    assert.deepInclude(countsOf(yield* flows), { pending: 4, done: 2 })
    assert.strictEqual(totalsOf(yield* flows).created, 6)
  }).pipe(Effect.provide(store))
)
