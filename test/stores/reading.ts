/** How a store is read. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { JobFilter } from "../../src/domain/jobs/JobConditions.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { largestAnswer } from "../../src/domain/Page.ts"
import {
  cancellation,
  assertSameAttempt,
  assertSameJob,
  claim,
  end,
  failOne,
  findOne,
  first,
  insert,
  insertOne,
  newAttemptId,
  newGroup,
  newJob,
  newJobId,
  newName,
  addProject,
  newSlots,
  plain,
  plainAttempt,
  plenty,
  present,
  progressWrite,
  sourceOf,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

export const reading = ({ advance, it }: Suite): void => {
  it.effect("finds jobs in the order asked, also twice, and not the unknown", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two] = [yield* insertOne(), (yield* startOne()).job]
      const found = yield* repo.find([two.id, newJobId(), one.id, two.id])
      assert.deepStrictEqual(found.map(plain), [two, null, one, two].map(plain))
      assert.deepStrictEqual(yield* repo.find([]), [])
    })
  )

  it.effect("lists the newest first, in parts", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: 5 }, () => newJob({ group })))
      const ids = jobs.map(({ id }) => id).toReversed()
      const { type } = group
      const all = yield* repo.list({ type, limit: 5 })
      assert.deepStrictEqual(all.items.map(plain), jobs.toReversed().map(plain))
      assert.isFalse(all.hasMore)
      const listed = (filter: Omit<JobFilter, "type">) =>
        Effect.map(repo.list({ type, ...filter }), ({ hasMore, items }) => [
          items.map(({ id }) => id),
          hasMore
        ])
      assert.deepStrictEqual(yield* listed({ limit: 2 }), [ids.slice(0, 2), true])
      assert.deepStrictEqual(yield* listed({ limit: 2, before: present(ids[1]) }), [ids.slice(2, 4), true])
      assert.deepStrictEqual(yield* listed({ limit: 2, before: present(ids[2]) }), [ids.slice(3), false])
      assert.deepStrictEqual(yield* listed({ limit: 2, before: present(ids[3]) }), [ids.slice(4), false])
      assert.deepStrictEqual(yield* listed({ limit: 2, before: present(ids[4]) }), [[], false])
    })
  )

  it.effect("lists no more than is given at once, and at least one", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup()
      const large = "x".repeat(largestAnswer.list / 4)
      const one = yield* startOne({ job: { group, parameters: large } })
      yield* repo.recordProgress([progressWrite(one, 0, { checkpoint: large, message: large })])
      yield* end(one, transition("done", { result: large }))
      yield* insert(...Array.from({ length: 5 }, () => newJob({ group, parameters: large })))
      const sizes: Array<number> = []
      let page = yield* repo.list({ type: group.type, limit: plenty })
      while (page.hasMore) {
        sizes.push(page.items.length)
        page = yield* repo.list({ type: group.type, limit: plenty, before: present(page.items.at(-1)).id })
      }
      assert.deepStrictEqual([...sizes, page.items.length], [4, 2])
      assert.isTrue(page.items.some(({ id }) => id === one.job.id))
      const huge = yield* insertOne({ group: newGroup(), parameters: "x".repeat(largestAnswer.list) })
      const alone = yield* repo.list({ type: huge.group.type, limit: plenty })
      assert.deepStrictEqual([alone.items.length, alone.hasMore], [1, false])
    })
  )

  it.effect("knows the version of a job", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      assert.strictEqual(yield* repo.version(claimed.job.id), 2)
      yield* end(claimed, transition("done"))
      assert.strictEqual(yield* repo.version(claimed.job.id), 3)
      assert.strictEqual(yield* repo.version(newJobId()), null)
    })
  )

  it.effect("lists what fits all the filters given", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [type, project] = [newName("type"), yield* addProject()]
      const [tag, worker] = [newName("tag"), newName("w")]
      const group = newGroup({ type })
      const slot = { worker }
      const tagged = { group, tags: ["x", tag] }
      const pending = yield* insertOne({ ...tagged, project })
      const schedule = newName("schedule")
      const other = yield* insertOne({ project, tags: [tag], schedule })
      const scheduled = yield* insertOne({ ...tagged, delay: Duration.hours(1) })
      const ofWorker = newGroup({ type, priority: 1 })
      const running = yield* startOne({ job: { group: ofWorker, project }, slot })
      const finished = yield* startOne({ job: { group: ofWorker, tags: [`${tag}x`] }, slot })
      yield* end(finished, transition("done"))
      const given = yield* startOne({ job: { group: newGroup({ type, priority: 2 }), project }, slot })
      const back = yield* end(given, transition("released"))
      const jobs = [pending, other, scheduled, running.job, finished.job, present(back)]
      const expectations: ReadonlyArray<readonly [Partial<JobFilter>, ReadonlyArray<number>]> = [
        [{ type }, [5, 4, 3, 2, 0]],
        [{ project }, [5, 3, 1, 0]],
        [{ tag }, [2, 1, 0]],
        [{ assignee: worker }, [4, 3]],
        [{ schedule }, [1]],
        [{ schedule, project, status: "done" }, []],
        [{ type, status: "pending" }, [5, 0]],
        [{ type, status: "scheduled" }, [2]],
        [{ type, status: "processing" }, [3]],
        [{ type, status: "done" }, [4]],
        [{ type, status: "failed" }, []],
        [{ type, project }, [5, 3, 0]],
        [{ type, project, tag }, [0]],
        [{ type, tag, project, status: "pending", before: scheduled.id }, [0]],
        [{ assignee: worker, status: "done" }, [4]],
        [{ type: other.group.type, tag, assignee: worker }, []],
        [{ type: newName("type") }, []]
      ]
      for (const [filter, indexes] of expectations) {
        const listed = yield* repo.list({ ...filter, limit: plenty })
        assert.deepStrictEqual(
          listed.items.map(({ id }) => id),
          indexes.map((index) => present(jobs[index]).id),
          JSON.stringify(filter)
        )
      }
      const assigned = yield* startAgain(present(back), slot)
      const listed = yield* repo.list({ assignee: worker, status: "processing", limit: 1 })
      assertSameJob(first(listed.items), yield* findOne(assigned.job.id))
    })
  )

  it.effect("tells the history of a job, with its attempts in the order in which they began", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      // The attempts' ids are older or younger than one another, as those of two servers may be.
      const ids = [newAttemptId(), newAttemptId(), newAttemptId()]
      const [third, one, two] = ids
      const claimed = yield* startOne({ slot: { attempt: present(one) } })
      const released = present(yield* end(claimed, transition("released")))
      const lost = present(
        yield* end(yield* startAgain(released, { attempt: present(two) }), transition("lost"))
      )
      const last = yield* startAgain(lost, { attempt: present(third) })
      const { attempts, job, retries } = present(yield* repo.history(claimed.job.id))
      assertSameJob(job, last.job)
      assert.deepStrictEqual(
        attempts.map(plainAttempt),
        [released.attempt, lost.attempt, last.attempt].map(plainAttempt)
      )
      assert.deepStrictEqual(retries, [])
      assert.strictEqual(yield* repo.history(newJobId()), null)
    })
  )

  it.effect("finds an attempt of a job, and none of another", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      const two = yield* startOne()
      assertSameAttempt(yield* repo.findAttempt(one.job.id, one.attempt.id), one.attempt)
      assert.strictEqual(yield* repo.findAttempt(one.job.id, two.attempt.id), null)
      assert.strictEqual(yield* repo.findAttempt(newJobId(), two.attempt.id), null)
      assert.strictEqual(yield* repo.findAttempt(one.job.id, newAttemptId()), null)
      const released = present(yield* end(one, transition("released")))
      yield* startAgain(released)
      assertSameAttempt(yield* repo.findAttempt(one.job.id, one.attempt.id), released.attempt)
    })
  )

  it.effect("finds the cancellation of a live attempt, with what is left of its grace", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* startOne()
      const found = repo.findCancellation(claimed.job.id, claimed.attempt.id)
      assert.isNull(yield* found)
      yield* repo.cancel([cancellation(claimed.job.id, Duration.millis(100), { reason: "a mistake" })])
      yield* advance(40)
      assert.deepStrictEqual(yield* found, { grace: Duration.millis(60), reason: "a mistake" })
      assert.isNull(yield* repo.findCancellation(newJobId(), claimed.attempt.id))
      yield* advance(70)
      assert.deepStrictEqual((yield* found)?.grace, Duration.zero)
      yield* end(claimed, transition("cancelled"))
      assert.isNull(yield* found)
    })
  )

  it.effect("finds what a worker and its instances hold, and nobody else", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const pool = newName("pool")
      const held = yield* Effect.forEach([pool, `${pool}/1`, `${pool}/1/2`], (worker) =>
        startOne({ slot: { worker } })
      )
      yield* startOne({ slot: { worker: `${pool}-1` } })
      yield* end(yield* startOne({ slot: { worker: pool } }), transition("done"))
      const heldBy = (worker: string) =>
        Effect.map(repo.heldBy(worker, plenty), (jobs) =>
          jobs.toSorted((left, right) => (left.id < right.id ? -1 : 1)).map(plain)
        )
      assert.deepStrictEqual(
        yield* heldBy(pool),
        held.map(({ job }) => plain(job))
      )
      assert.lengthOf(yield* repo.heldBy(pool, 2), 2)
      assert.deepStrictEqual(yield* heldBy(`${pool}/1`), [plain(present(held[1]).job)])
    })
  )

  it.effect("knows the groups that have pending jobs", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const group = newGroup({
        priority: 3,
        constraints: [{ skill: "s", op: "ne", value: ["\u0000", { a: 1 }] }]
      })
      const isPending = Effect.map(repo.pendingGroups, (groups) =>
        groups.filter(({ type }) => type === group.type)
      )
      const scheduled = yield* insertOne({ group, delay: Duration.hours(1) })
      assert.deepStrictEqual(yield* isPending, [])
      const [one] = yield* insert(newJob({ group }), newJob({ group }))
      const known = { ...group, id: scheduled.group.id }
      assert.deepStrictEqual(yield* isPending, [known])
      assert.deepStrictEqual(yield* repo.groups([known.id, 2_000_000_000]), [known])
      const sources = [sourceOf(present(one))]
      const claimed = yield* claim(sources, newSlots(1))
      assert.strictEqual((yield* isPending).length, 1)
      yield* claim(sources, newSlots(1))
      assert.deepStrictEqual(yield* isPending, [])
      yield* end(first(claimed), transition("released"))
      assert.strictEqual((yield* isPending).length, 1)
      yield* repo.cancel([cancellation(first(claimed).job.id, Duration.zero)])
      assert.deepStrictEqual(yield* isPending, [])
      const failed = yield* failOne({ job: { group: { ...group, priority: 4 } } })
      yield* repo.retry([failed.id])
      assert.deepStrictEqual(
        (yield* isPending).map(({ priority }) => priority),
        [4]
      )
    })
  )

  it.effect("answers", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      assert.strictEqual(yield* repo.ping, undefined)
    })
  )
}
