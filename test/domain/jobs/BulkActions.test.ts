/** Deciding about many jobs, in the background and in batches, whatever happens to those who do it. */
import { randomUUID } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import type { NewBulkAction } from "../../../src/domain/jobs/BulkAction.ts"
import { BulkActionRepo } from "../../../src/domain/jobs/BulkActionRepo.ts"
import { BulkActions } from "../../../src/domain/jobs/BulkActions.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import { EventHub } from "../../../src/domain/events/EventHub.ts"
import { BulkActionId } from "../../../src/domain/Identifiers.ts"
import * as PooledRandom from "../../../src/server/PooledRandom.ts"
import { DutiesLive } from "../../../src/server/Application.ts"
import {
  ask,
  census,
  claimNow,
  jobsOf,
  makeOutage,
  many,
  pass,
  policy,
  settle,
  start,
  submit,
  world
} from "../support/world.ts"

const withDuties = (options: Parameters<typeof world>[0] = {}) =>
  Layer.provideMerge(DutiesLive, world(options))

const act = (wish: NewBulkAction) => Effect.flatMap(BulkActions, (actions) => actions.ask(wish, null))
const progressOf = (id: Effect.Success<ReturnType<typeof act>>["id"]) =>
  Effect.flatMap(BulkActions, (actions) => actions.find(id))

const cancelAll: NewBulkAction = { action: "cancel", filter: {} }
const retryCancelled: NewBulkAction = { action: "retry", filter: { status: "cancelled" } }

describe("bulk actions", () => {
  it.effect("cancel what waits, and ask the workers of what runs with the grace of its type", () =>
    Effect.gen(function* () {
      const running = yield* start({ type: "a" })
      yield* submit(...many(5, { type: "a" }), { type: "b", delay: Duration.hours(1) })
      const { id, matched } = yield* act(cancelAll)
      assert.strictEqual(matched, 7)
      yield* settle
      assert.deepStrictEqual(yield* census, { cancelled: 6, processing: 1 })
      const { done, finishedAt } = yield* progressOf(id)
      assert.strictEqual(done, 7)
      assert.isNotNull(finishedAt)
      yield* pass(1_233)
      assert.deepStrictEqual(yield* census, { cancelled: 6, processing: 1 })
      yield* pass(1)
      assert.deepStrictEqual(yield* census, { cancelled: 7 })
      assert.isNotNull(running)
    }).pipe(Effect.provide(withDuties({ policy: { ...policy, cancelGrace: Duration.millis(1_234) } })))
  )

  it.effect("retry ten thousand jobs, wake those who wait for work, and tell of each", () =>
    Effect.gen(function* () {
      const hub = yield* EventHub
      for (let times = 0; times < 10; times++) yield* submit(...many(1_000, { type: "a" }))
      yield* act(cancelAll)
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* census, { cancelled: 10_000 })
      const told = { retried: 0 }
      yield* hub.listen((jobs, change) => {
        if (change === "retried") told.retried += jobs.length
      })
      const waiting = yield* ask({ max: 1_000 }, "1 minute")
      yield* settle
      assert.strictEqual(jobsOf(waiting), "waiting")
      const { id } = yield* act(retryCancelled)
      yield* settle
      assert.isNumber(jobsOf(waiting))
      yield* pass("10 seconds")
      assert.deepInclude(yield* progressOf(id), { matched: 10_000, done: 10_000 })
      assert.strictEqual(told.retried, 10_000)
    }).pipe(Effect.scoped, Effect.provide(withDuties()))
  )

  it.effect("rest between batches", () =>
    Effect.gen(function* () {
      yield* submit(...many(600, { type: "a" }))
      const { id } = yield* act(cancelAll)
      const dones: Array<number> = []
      for (let times = 0; times < 4; times++) {
        yield* settle
        dones.push((yield* progressOf(id)).done)
        yield* pass("10 millis")
      }
      assert.deepStrictEqual(dones, [250, 500, 600, 600])
    }).pipe(Effect.provide(withDuties()))
  )

  const outage = makeOutage()
  const forgetful = Layer.effect(
    BulkActionRepo,
    Effect.map(BulkActionRepo, (repo) =>
      BulkActionRepo.of({
        ...repo,
        advance: (action, page, done) => outage.guard(repo.advance(action, page, done))
      })
    )
  )
  it.effect("go on when a server died after a batch, which is repeated without harm", () =>
    Effect.gen(function* () {
      const actions = yield* BulkActions
      const boss = yield* Boss
      yield* submit(...many(300, { type: "a" }))
      yield* act(cancelAll)
      while ((yield* actions.step).count > 0);
      const { id } = yield* act(retryCancelled)
      yield* outage.begin
      assert.strictEqual((yield* Effect.exit(actions.step))._tag, "Failure")
      yield* outage.end
      assert.deepStrictEqual(yield* census, { cancelled: 50, pending: 250 })
      assert.strictEqual((yield* actions.step).count, 0)
      // One of them has ended again before the batch is repeated.
      yield* pass("1 second")
      const [again] = yield* claimNow()
      if (again !== undefined) {
        yield* boss.finish(
          { job: again.job.id, attempt: again.attempt.id, worker: again.attempt.worker },
          { _tag: "Failed", error: null, retryable: false, retryIn: null }
        )
      }
      yield* pass("14 seconds")
      while ((yield* actions.step).count > 0);
      assert.deepStrictEqual(yield* census, { failed: 1, pending: 299 })
      const { done, finishedAt } = yield* progressOf(id)
      assert.strictEqual(done, 50)
      assert.isNotNull(finishedAt)
    }).pipe(
      Effect.provide(
        Layer.fresh(BulkActions.layer).pipe(
          Layer.provide(forgetful),
          Layer.provideMerge(world()),
          Layer.provide(PooledRandom.layer)
        )
      )
    )
  )

  it.effect("are not known by another id", () =>
    Effect.gen(function* () {
      const actions = yield* BulkActions
      const { id } = yield* act(retryCancelled)
      assert.strictEqual((yield* actions.find(id)).matched, 0)
      const error = yield* Effect.flip(actions.find(BulkActionId.make(randomUUID())))
      assert.strictEqual(error._tag, "BulkActionNotFound")
    }).pipe(Effect.provide(world()))
  )
})
