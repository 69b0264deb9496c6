/** What people change of jobs that are not finished. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import type { Amendment } from "../../src/domain/jobs/Amendment.ts"
import type { JobId } from "../../src/domain/Identifiers.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import type { Constraint } from "../../src/domain/matching/Constraint.ts"
import { statesSince } from "../../src/domain/jobs/Timeline.ts"
import {
  assertSameJob,
  claim,
  end,
  failOne,
  findOne,
  first,
  insertOne,
  newJobId,
  newSlots,
  plain,
  plenty,
  present,
  progressWrite,
  sourceOf,
  startAgain,
  startOne,
  type Suite,
  transition,
  claimOf
} from "./StoreKit.ts"

const constraints: ReadonlyArray<Constraint> = [{ skill: "memoryGb", op: "gte", value: 8 }]

const amend = Effect.fnUntraced(function* (job: JobId, amendment: Amendment) {
  const repo = yield* JobRepo
  const [amended = null] = yield* repo.amend([{ job, amendment }])
  return amended?.job ?? null
})

const later = ({ createdAt }: JobRecord, millis: number) => DateTime.addDuration(createdAt, millis)

export const amending = ({ advance, it }: Suite): void => {
  it.effect("changes what is given of a waiting job, and nothing else", () =>
    Effect.gen(function* () {
      const job = yield* insertOne({ tags: ["a"] })
      yield* advance(5)
      const urgent = present(yield* amend(job.id, { priority: 7 }))
      assert.notStrictEqual(urgent.group.id, job.group.id)
      assertSameJob(urgent, { ...job, version: 2, group: { ...job.group, id: urgent.group.id, priority: 7 } })
      assertSameJob(yield* findOne(job.id), urgent)

      const tagged = present(yield* amend(job.id, { tags: ["b", 'c "d"'] }))
      assertSameJob(tagged, { ...urgent, version: 3, tags: ["b", 'c "d"'] })
      assertSameJob(yield* amend(job.id, { tags: [] }), { ...urgent, version: 4, tags: [] })
      const bound = present(yield* amend(job.id, { constraints }))
      assertSameJob(bound, {
        ...urgent,
        version: 5,
        tags: [],
        group: { ...urgent.group, id: bound.group.id, constraints }
      })
      const back = yield* amend(job.id, { constraints: [], priority: 0, tags: ["a"] })
      assertSameJob(back, { ...job, version: 6 })
    })
  )

  it.effect("gives it from its new group, and no more from the old one", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const job = yield* insertOne()
      const amended = present(yield* amend(job.id, { priority: 1 }))
      assert.deepStrictEqual(yield* claim([sourceOf(job)], newSlots(1)), [])
      const groups = yield* repo.pendingGroups
      assert.isTrue(groups.some(({ id }) => id === amended.group.id))
      assert.isFalse(groups.some(({ id }) => id === job.group.id))
      const [given] = yield* claim([sourceOf(amended)], newSlots(1))
      assert.strictEqual(given?.job.id, job.id)
      assert.strictEqual(given?.attempt.startedVersion, 3)
    })
  )

  it.effect("lets a job wait for a later time, and takes it back", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const job = yield* insertOne()
      yield* advance(10)
      const runAt = later(job, 1_000)
      const scheduled = yield* amend(job.id, { runAt })
      assertSameJob(scheduled, { ...job, version: 2, status: "scheduled", runAt })
      assert.deepStrictEqual(yield* claim([sourceOf(job)], newSlots(1)), [])
      assertSameJob(yield* amend(job.id, { runAt: job.createdAt }), {
        ...job,
        version: 3,
        status: "pending",
        runAt: later(job, 10)
      })
      assertSameJob(yield* amend(job.id, { runAt: later(job, 11) }), {
        ...job,
        version: 4,
        status: "scheduled",
        runAt: later(job, 11)
      })
      yield* advance(1)
      assert.isTrue((yield* repo.promote(plenty)).done.some(({ id }) => id === job.id))
    })
  )

  it.effect("changes a running job for its next attempt, but not its time", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const started = yield* startOne({ job: { tags: ["a"] } })
      const { attempt, job } = started
      assert.isNull(yield* amend(job.id, { runAt: later(job, 1_000), priority: 2 }))
      assertSameJob(yield* findOne(job.id), job)

      const amended = present(yield* amend(job.id, { priority: 2, tags: ["b"] }))
      assertSameJob(amended, {
        ...job,
        version: 3,
        tags: ["b"],
        group: { ...job.group, id: amended.group.id, priority: 2 }
      })
      const [renewed] = yield* repo.recordProgress([progressWrite(started, 0, { percent: 50 })])
      assert.strictEqual(present(renewed).percent, 50)
      const ended = present(yield* end({ job, attempt }, transition("lost")))
      assert.deepStrictEqual([ended.version, ended.attempt?.endedVersion], [4, 4])
      const again = yield* startAgain(ended)
      assert.strictEqual(again.job.group.priority, 2)
    })
  )

  it.effect("changes neither the unknown nor the finished", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const failed = yield* failOne()
      const done = present(yield* end(yield* startOne(), transition("done")))
      const waiting = yield* insertOne()
      const ids = [failed.id, newJobId(), waiting.id, done.id]
      const answers = yield* repo.amend(ids.map((job) => ({ job, amendment: { priority: 3 } })))
      assert.deepStrictEqual(
        answers.map((amended) => amended && [amended.job.id, amended.job.group.priority]),
        [null, null, [waiting.id, 3], null]
      )
      assert.deepStrictEqual((yield* repo.find([failed.id, done.id])).map(plain), [failed, done].map(plain))
      assert.deepStrictEqual(yield* repo.amend([]), [])
    })
  )

  it.effect("takes several changes of one job in a batch, one after another", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const [one, two] = [yield* insertOne(), yield* insertOne()]
      const answers = yield* repo.amend([
        { job: one.id, amendment: { priority: 1 } },
        { job: two.id, amendment: { tags: ["x"] } },
        { job: one.id, amendment: { constraints } },
        { job: one.id, amendment: { priority: 4 } }
      ])
      assert.deepStrictEqual(
        answers.map((amended) => {
          if (amended === null) return null
          const { group, id, version } = amended.job
          return [id, version, group.priority, group.constraints.length]
        }),
        [
          [one.id, 2, 1, 0],
          [two.id, 2, 0, 0],
          [one.id, 3, 1, 1],
          [one.id, 4, 4, 1]
        ]
      )
    })
  )

  it.effect("loses no change when many come at once, and gives the job once", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      for (let round = 0; round < 5; round++) {
        const job = yield* insertOne()
        const wishes: ReadonlyArray<Amendment> = [{ priority: 1 }, { constraints }, { tags: ["t"] }]
        const [given, ...answers] = yield* Effect.all(
          [
            Effect.map(repo.claim(claimOf([sourceOf(job)], newSlots(1))), ({ jobs }) => jobs.length),
            ...wishes.map((wish) => Effect.map(amend(job.id, wish), (amended) => (amended === null ? 0 : 1)))
          ],
          { concurrency: "unbounded" }
        )
        const taken = wishes.filter((_, index) => answers[index] === 1)
        const kept = yield* findOne(job.id)
        assert.strictEqual(kept.version, 1 + taken.length + given)
        assert.strictEqual(kept.status, given === 1 ? "processing" : "pending")
        const expected = Object.assign({ priority: 0, constraints: [], tags: [] }, ...taken)
        const { group, tags } = kept
        assert.deepStrictEqual({ priority: group.priority, constraints: group.constraints, tags }, expected)
      }
    })
  )

  it.effect("keeps what a change replaced, so that the past can be told", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const seen = [yield* insertOne({ tags: ["a"] })]
      const note = (job: JobRecord | null) => seen.push(present(job))
      const { id } = first(seen)
      yield* advance(1)
      note(yield* amend(id, { priority: 1, tags: ["b"] }))
      note(yield* amend(id, { runAt: later(first(seen), 500) }))
      note(yield* amend(id, { runAt: first(seen).createdAt, constraints }))
      const { amendments, job } = present(yield* repo.history(id))
      assertSameJob(job, present(seen[3]))
      assert.deepStrictEqual(
        amendments.map(({ made, replaced, version }) => [
          version,
          replaced.group.priority,
          replaced.tags,
          made.status
        ]),
        [
          [2, 0, ["a"], "pending"],
          [3, 1, ["b"], "scheduled"],
          [4, 1, ["b"], "pending"]
        ]
      )
      const states = statesSince(present(yield* repo.history(id)), 0)
      assert.deepStrictEqual(states.map(plain), seen.map(plain))
    })
  )

  it.effect("expires at the time that was set when it was created", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const job = yield* insertOne({ expiresIn: Duration.millis(20) })
      const amended = present(yield* amend(job.id, { runAt: later(job, 1_000) }))
      assert.deepStrictEqual(amended.expiresAt, job.expiresAt)
      yield* advance(20)
      assert.isTrue((yield* repo.expire(plenty)).done.some(({ id }) => id === job.id))
    })
  )
}
