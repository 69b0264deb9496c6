/** How a store keeps bulk actions and finds the jobs that they mean. Those of other tests may be there as well. */
import { randomUUID } from "node:crypto"
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { BulkActionRecord, NewBulkAction } from "../../src/domain/jobs/BulkAction.ts"
import { bulkActionLifetime, BulkActionRepo, type BulkPage } from "../../src/domain/jobs/BulkActionRepo.ts"
import { BulkActionId, type JobId } from "../../src/domain/Identifiers.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import {
  cancellation,
  end,
  failOne,
  first,
  insert,
  insertOne,
  newGroup,
  newJob,
  newName,
  addProject,
  present,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

const newId = () => BulkActionId.make(randomUUID())

const add = (wish: NewBulkAction, id = newId()) =>
  Effect.flatMap(BulkActionRepo, (repo) => repo.add({ ...wish, id, by: "ada", reason: "why" }))

/** All jobs that are meant, page by page. */
const meant = Effect.fnUntraced(function* (action: BulkActionRecord, limit = 1_000) {
  const repo = yield* BulkActionRepo
  const ids: Array<JobId> = []
  let cursor: JobId | null = null
  while (true) {
    const page: BulkPage = yield* repo.look({ ...action, cursor }, limit)
    assert.isAtMost(page.jobs.length, limit)
    ids.push(...page.jobs.map(({ id }) => id))
    if (page.isLast) return ids
    assert.notStrictEqual(page.cursor, cursor)
    cursor = page.cursor
  }
})

const idsOf = (...jobs: ReadonlyArray<{ readonly id: JobId }>) =>
  jobs
    .map(({ id }) => id)
    .toSorted()
    .toReversed()

/** Takes every action that is free, and finishes it. */
const finishAll = Effect.gen(function* () {
  const repo = yield* BulkActionRepo
  while (true) {
    const { done } = yield* repo.take(Duration.seconds(1))
    if (done.length === 0) return
    for (const action of done) {
      yield* repo.advance(action, { jobs: [], cursor: action.cursor, isLast: true }, 0)
    }
  }
})

export const actingInBulk = ({ advance, it }: Suite): void => {
  it.effect("keeps a bulk action, and counts what it means", () =>
    Effect.gen(function* () {
      const repo = yield* BulkActionRepo
      const group = newGroup()
      yield* insert(newJob({ group }), newJob({ group }))
      const filter = { type: group.type }
      assert.strictEqual(yield* repo.count({ action: "cancel", filter }), 2)
      assert.strictEqual(yield* repo.count({ action: "retry", filter }), 0)
      const action = yield* add({ action: "cancel", filter })
      const { createdAt, id } = action
      assert.deepStrictEqual(action, {
        id,
        action: "cancel",
        filter,
        by: "ada",
        reason: "why",
        createdAt,
        matched: 2,
        done: 0,
        cursor: null,
        finishedAt: null
      })
      assert.deepStrictEqual(yield* repo.find(id), action)
      assert.isNull(yield* repo.find(newId()))
    })
  )

  it.effect("means by `cancel` what is not finished, and by `retry` what has failed or was cancelled", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const job = { group }
      const done = present(yield* end(yield* startOne({ job }), transition("done")))
      const failed = yield* failOne({ job })
      const running = yield* startOne({ job })
      const [pending, scheduled, cancelled] = [
        yield* insertOne(job),
        yield* insertOne({ group, delay: Duration.hours(1) }),
        yield* insertOne(job)
      ]
      yield* repo.cancel([cancellation(cancelled.id, Duration.zero)])
      const filter = { type: group.type }
      const retry = yield* add({ action: "retry", filter })
      assert.strictEqual(retry.matched, 2)
      assert.deepStrictEqual(yield* meant(retry), idsOf(failed, cancelled))
      const cancel = yield* add({ action: "cancel", filter })
      assert.strictEqual(cancel.matched, 3)
      assert.deepStrictEqual(yield* meant(cancel), idsOf(running.job, pending, scheduled))
      const none = yield* add({ action: "retry", filter: { ...filter, status: "done" } })
      assert.strictEqual(none.matched, 0)
      assert.deepStrictEqual(yield* meant(none), [])
      assert.isFalse((yield* meant(retry)).includes(done.id))
    })
  )

  it.effect("means only what meets every condition", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const { type } = group
      const [project, worker] = [yield* addProject(), newName("worker")]
      const [plainOne, tagged, inProject, both] = yield* insert(
        newJob({ group }),
        newJob({ group, tags: ["x"] }),
        newJob({ group, project }),
        newJob({ group, project, tags: ["x", "y"] })
      )
      const failed = yield* failOne({ slot: { worker } })
      const matches = (wish: NewBulkAction) => Effect.flatMap(add(wish), (action) => meant(action))
      const cancelled = (filter: NewBulkAction["filter"]) => matches({ action: "cancel", filter })
      const all = [plainOne, tagged, inProject, both].map(present)
      assert.deepStrictEqual(yield* cancelled({ type }), idsOf(...all))
      assert.deepStrictEqual(yield* cancelled({ type, tag: "x" }), idsOf(present(tagged), present(both)))
      assert.deepStrictEqual(yield* cancelled({ project }), idsOf(present(inProject), present(both)))
      assert.deepStrictEqual(yield* cancelled({ project, tag: "y" }), idsOf(present(both)))
      assert.deepStrictEqual(yield* cancelled({ type, status: "scheduled" }), [])
      assert.deepStrictEqual(yield* cancelled({ type, status: "pending" }), idsOf(...all))
      assert.deepStrictEqual(yield* cancelled({ type, tag: "z" }), [])
      assert.deepStrictEqual(yield* matches({ action: "retry", filter: { assignee: worker } }), [failed.id])
      assert.deepStrictEqual(
        yield* matches({ action: "retry", filter: { assignee: worker, status: "cancelled" } }),
        []
      )
      const everything = yield* matches({ action: "cancel", filter: {} })
      for (const { id } of all) assert.include(everything, id)
      assert.notInclude(everything, failed.id)
    })
  )

  it.effect("does not mean what was created or finished later", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const failed = yield* failOne({ job: { group } })
      const job = yield* insertOne({ group, delay: Duration.hours(1) })
      const filter = { type: group.type }
      const retry = yield* add({ action: "retry", filter })
      const cancel = yield* add({ action: "cancel", filter })
      yield* advance(1)
      yield* insertOne({ group })
      yield* failOne({ job: { group } })
      assert.deepStrictEqual(yield* meant(cancel), [job.id])
      yield* repo.cancel([cancellation(job.id, Duration.zero)])
      assert.deepStrictEqual(yield* meant(retry), [failed.id])
      yield* repo.retry([failed.id])
      yield* repo.cancel([cancellation(failed.id, Duration.zero)])
      assert.deepStrictEqual(yield* meant(retry), [])
    })
  )

  it.effect("means what has come back in the meantime, and may do more than it matched", () =>
    Effect.gen(function* () {
      const jobs = yield* JobRepo
      const repo = yield* BulkActionRepo
      const group = newGroup()
      const failed = yield* failOne({ job: { group } })
      const pending = yield* insertOne({ group })
      const action = yield* add({ action: "cancel", filter: { type: group.type } })
      assert.strictEqual(action.matched, 1)
      yield* jobs.retry([failed.id])
      assert.deepStrictEqual(yield* meant(action), idsOf(pending, failed))
      yield* repo.advance(action, { jobs: [], cursor: null, isLast: true }, 2)
      const { done, matched } = present(yield* repo.find(action.id))
      assert.deepStrictEqual({ done, matched }, { done: 2, matched: 1 })
    })
  )

  it.effect("finds them page by page, each once", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 7 }, () => newJob({ group })))
      const action = yield* add({ action: "cancel", filter: { type: group.type } })
      for (const limit of [1, 2, 3, 7, 8]) {
        assert.deepStrictEqual(yield* meant(action, limit), idsOf(...jobs))
      }
    })
  )

  it.effect("gives an action to one at a time, until its turn is over", () =>
    Effect.gen(function* () {
      const repo = yield* BulkActionRepo
      yield* finishAll
      const action = yield* add({ action: "retry", filter: { type: newName("type") } })
      const takes = yield* Effect.all(
        Array.from({ length: 4 }, () => repo.take(Duration.millis(100))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        takes.flatMap(({ done }) => done),
        [action]
      )
      yield* advance(99)
      assert.deepStrictEqual(yield* repo.take(Duration.millis(100)), { done: [], next: Duration.millis(1) })
      yield* advance(1)
      assert.deepStrictEqual((yield* repo.take(Duration.millis(100))).done, [action])
      yield* advance(100)
      yield* finishAll
    })
  )

  it.effect("goes on from where it has come to, and takes turns among several", () =>
    Effect.gen(function* () {
      const repo = yield* BulkActionRepo
      yield* finishAll
      const job = yield* insertOne()
      const one = yield* add({ action: "retry", filter: { type: newName("type") } })
      yield* advance(1)
      const two = yield* add({ action: "retry", filter: { type: newName("type") } })
      yield* advance(1)
      const turn = Duration.minutes(1)
      const taken = first((yield* repo.take(turn)).done)
      assert.strictEqual(taken.id, one.id)
      yield* repo.advance(taken, { jobs: [], cursor: job.id, isLast: false }, 3)
      // Who was too slow changes nothing.
      yield* repo.advance(taken, { jobs: [], cursor: null, isLast: true }, 5)
      const moved = present(yield* repo.find(one.id))
      assert.deepStrictEqual(moved, { ...one, cursor: job.id, done: 3 })
      assert.strictEqual(first((yield* repo.take(turn)).done).id, two.id)
      assert.deepStrictEqual(first((yield* repo.take(turn)).done), moved)
      yield* repo.advance(moved, { jobs: [], cursor: job.id, isLast: true }, 1)
      const finished = present(yield* repo.find(one.id))
      assert.strictEqual(finished.done, 4)
      assert.deepStrictEqual(present(finished.finishedAt), DateTime.addDuration(one.createdAt, 2))
      yield* repo.advance(two, { jobs: [], cursor: null, isLast: true }, 0)
      assert.deepStrictEqual(yield* repo.take(turn), { done: [], next: null })
    })
  )

  it.effect("forgets what finished long ago", () =>
    Effect.gen(function* () {
      const repo = yield* BulkActionRepo
      const wish = { action: "retry" as const, filter: { type: newName("type") } }
      const old = yield* add(wish)
      yield* finishAll
      yield* advance(bulkActionLifetime)
      const open = yield* add(wish)
      assert.isNotNull(yield* repo.find(old.id))
      yield* advance(1)
      yield* add(wish)
      assert.isNull(yield* repo.find(old.id))
      yield* advance(bulkActionLifetime)
      yield* add(wish)
      assert.deepStrictEqual(yield* repo.find(open.id), open)
      yield* finishAll
    })
  )
}
