/** How a store keeps new jobs. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { keyLifetime } from "../../src/domain/jobs/Submission.ts"
import { canonicalJson, deepestNesting } from "../../src/domain/Json.ts"
import {
  addProject,
  assertAfter,
  assertSameJob,
  claim,
  findOne,
  first,
  insert,
  insertOne,
  newGroup,
  newJob,
  newJobId,
  newName,
  newSlots,
  plenty,
  present,
  sourceOf,
  submission,
  type Suite
} from "./StoreKit.ts"

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

// As texts, for this is how they come; no literal makes a key called __proto__.
const awkwardTexts: ReadonlyArray<string> = [
  "null",
  "false",
  "0",
  "-0",
  "1e308",
  "-1.7976931348623157e308",
  "5e-324",
  "9007199254740993",
  "0.1",
  '""',
  "[]",
  "{}",
  '{"":{"":[]}}',
  '{"__proto__":{"a":1},"constructor":null,"toString":"x"}',
  '"a\\u0000b"',
  '{"a\\u0000b":"\\u0000"}',
  '"\\ud800"',
  '{"\\udfff":"\\udc00\\ud800"}',
  '"\\ud83d\\ude00 Zażółć 東京 \\u202e\\ufeff\\u2028"',
  '"\\\\u0000 \\\\ \\" \\n\\r\\t"',
  '"\'; DROP TABLE jobs; --"',
  '"{1,2,NULL}"',
  '{"b":1,"a":[1,[2,{"c":null}]]}',
  nested(deepestNesting)
]

const delay = (millis: number) => newJob({ delay: Duration.millis(millis) })

export const creating = ({ advance, it }: Suite): void => {
  it.effect("stores a job with all that it was given", () =>
    Effect.gen(function* () {
      const group = newGroup({
        priority: -7,
        constraints: [
          { skill: "memoryGb", op: "gte", value: 16 },
          { skill: "gpu", op: "exists" }
        ],
        fairnessKey: "tenant é"
      })
      const job = newJob({
        group,
        parameters: { file: "in.mov" },
        tags: ["b", "a"],
        project: yield* addProject(),
        expiresIn: Duration.hours(2),
        maxAttempts: 3,
        lease: Duration.millis(1_500),
        maxRun: Duration.hours(1),
        createdBy: "ann"
      })
      const stored = first(yield* insert(job))
      const { createdAt } = stored
      assertSameJob(stored, {
        ...job,
        group: { ...group, id: stored.group.id },
        fairnessKey: "tenant é",
        status: "pending",
        version: 1,
        createdAt,
        runAt: createdAt,
        firstRunAt: createdAt,
        startedAt: null,
        finishedAt: null,
        expiresAt: DateTime.add(createdAt, { hours: 2 }),
        attempts: 0,
        failures: 0,
        losses: 0,
        reason: null,
        cancelRequest: null,
        attempt: null
      })
      assertSameJob(yield* findOne(job.id), stored)
    })
  )

  it.effect("schedules a job whose time is ahead, if only by a millisecond, and no other", () =>
    Effect.gen(function* () {
      const { createdAt } = yield* insertOne()
      yield* advance(10)
      const runAt = (millis: number) => newJob({ runAt: DateTime.addDuration(createdAt, millis) })
      const jobs = yield* insert(runAt(11), runAt(10), runAt(9), delay(1), delay(0))
      assert.deepStrictEqual(
        jobs.map(({ status }) => status),
        ["scheduled", "pending", "pending", "scheduled", "pending"]
      )
      const dueAfter = [1, 0, 0, 1, 0]
      jobs.forEach((job, index) => {
        assertAfter(job.createdAt, createdAt, 10)
        assertAfter(job.runAt, job.createdAt, present(dueAfter[index]))
        assertAfter(job.firstRunAt, job.runAt, 0)
      })
    })
  )

  it.effect("lets runAt win over delay", () =>
    Effect.gen(function* () {
      const { createdAt } = yield* insertOne()
      const runAt = DateTime.add(createdAt, { seconds: 5 })
      const job = yield* insertOne({ runAt, delay: Duration.hours(1) })
      assertAfter(job.runAt, createdAt, 5_000)
    })
  )

  it.effect("gives jobs that are alike to the matcher one group, and others another", () =>
    Effect.gen(function* () {
      const type = newName("type")
      const value = { a: 1, b: [2] }
      const sameValue = { b: [2], a: 1 }
      const base = newGroup({ type, constraints: [{ skill: "s", op: "eq", value }] })
      const [one, two, ...others] = yield* insert(
        newJob({ group: base }),
        newJob({
          group: { ...base, constraints: [{ op: "eq", value: sameValue, skill: "s" }] },
          tags: ["of nobody's concern"]
        }),
        newJob({ group: { ...base, priority: 1 } }),
        newJob({ group: { ...base, type: newName("type") } }),
        newJob({ group: { ...base, constraints: [] } }),
        newJob({ group: { ...base, fairnessKey: "" } }),
        newJob({ group: { ...base, fairnessKey: "key" } }),
        newJob({ group: { ...base, constraints: [{ skill: "s", op: "eq", value: [value] }] } }),
        newJob({ group: { ...base, constraints: [{ skill: "s\u00e9", op: "eq", value: "\u0000" }] } })
      )
      assert.strictEqual(present(one).group.id, present(two).group.id)
      const ids = [present(one), ...others].map(({ group }) => group.id)
      assert.strictEqual(new Set(ids).size, ids.length)
      assert.deepStrictEqual(
        ids,
        ids.toSorted((left, right) => left - right)
      )
      const later = yield* insertOne({ group: base })
      assert.strictEqual(later.group.id, present(one).group.id)
    })
  )

  it.effect("makes one group, however many callers need it at the same moment", () =>
    Effect.gen(function* () {
      const groups = Array.from({ length: 5 }, () => newGroup())
      const jobs = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? groups : groups.toReversed())),
        (order) => insert(...order.map((group) => newJob({ group }))),
        { concurrency: "unbounded" }
      )
      const ids = new Set(jobs.flat().map(({ group }) => group.id))
      assert.strictEqual(ids.size, 5)
    })
  )

  it.effect.each(awkwardTexts)("keeps JSON as it came: %s", (text) =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const parameters = JSON.parse(text)
      const created = yield* insertOne({ parameters })
      const sources = [sourceOf(created)]
      const claimed = first(yield* claim(sources, newSlots(1)))
      yield* repo.recordProgress([
        {
          job: created.id,
          attempt: claimed.attempt.id,
          mark: 0,
          events: [],
          percent: null,
          message: null,
          checkpoint: parameters
        }
      ])
      yield* repo.end([
        {
          job: created.id,
          attempt: claimed.attempt.id,
          transition: {
            outcome: "failed",
            status: "failed",
            wait: null,
            spends: "failure",
            result: parameters,
            error: parameters
          },
          worker: null,
          cancelling: null,
          onlyIfOverdue: false
        }
      ])
      const found = yield* findOne(created.id)
      const listed = first((yield* repo.list({ type: created.group.type, limit: plenty })).items)
      const history = present(yield* repo.history(created.id))
      const expected = canonicalJson(parameters)
      for (const job of [created, claimed.job, found, listed, history.job]) {
        assert.strictEqual(canonicalJson(job.parameters), expected)
      }
      const attempts = [found.attempt, listed.attempt, history.attempts[0]].map(present)
      for (const { checkpoint, error, result } of attempts) {
        assert.deepStrictEqual([checkpoint, error, result].map(canonicalJson), [expected, expected, expected])
      }
    })
  )

  it.effect("answers a batch in its order, whatever becomes of each submission", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const key = newName("key")
      const group = newGroup()
      const jobs = Array.from({ length: 6 }, () => newJob({ group }))
      const pick = (...indexes: ReadonlyArray<number>) => indexes.map((index) => present(jobs[index]))
      const answers = yield* repo.insert([
        submission(pick(0)),
        submission(pick(1, 2), { key, fingerprint: "first" }),
        submission(pick(3), { key, fingerprint: "second" }),
        submission([]),
        submission(pick(5, 4), { key: `${key}'`, fingerprint: "first" })
      ])
      const ids = (...indexes: ReadonlyArray<number>) => pick(...indexes).map(({ id }) => id)
      const told = answers.map((answer) =>
        answer._tag === "Created"
          ? answer.jobs.map(({ id }) => id)
          : answer._tag === "Repeated" && { jobs: answer.jobs, fingerprint: answer.fingerprint }
      )
      const repeated = { jobs: ids(1, 2), fingerprint: "first" }
      assert.deepStrictEqual<ReadonlyArray<unknown>>(told, [ids(0), ids(1, 2), repeated, [], ids(5, 4)])
      const found = yield* repo.find(jobs.map(({ id }) => id))
      assert.deepStrictEqual(
        found.map((job) => job !== null),
        [true, true, true, false, true, true]
      )
      assert.deepStrictEqual(yield* repo.insert([]), [])
    })
  )

  it.effect("recognises a key for its lifetime and no longer", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const key = newName("key")
      const submit = (fingerprint: string, id = newJobId()) =>
        Effect.map(repo.insert([submission([newJob({ id })], { key, fingerprint })]), first)
      const id = newJobId()
      assert.strictEqual((yield* submit("one", id))._tag, "Created")
      yield* advance(Duration.toMillis(keyLifetime) - 1)
      assert.deepStrictEqual(yield* submit("two"), {
        _tag: "Repeated",
        jobs: [id],
        fingerprint: "one",
        project: null
      })
      yield* advance(2)
      const second = newJobId()
      assert.strictEqual((yield* submit("three", second))._tag, "Created")
      // The new use counts from its own moment.
      yield* advance(Duration.toMillis(keyLifetime) - 1)
      yield* repo.forgetKeys(plenty)
      assert.deepStrictEqual(yield* submit("four"), {
        _tag: "Repeated",
        jobs: [second],
        fingerprint: "three",
        project: null
      })
    })
  )

  it.effect("gives a key to one of many callers", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const keys = [newName("key"), newName("key"), newName("key")]
      const batches = Array.from({ length: 20 }, (_, index) => {
        const order = index % 2 === 0 ? keys : keys.toReversed()
        return order.map((key) => submission([newJob()], { key, fingerprint: String(index) }))
      })
      const answers = yield* Effect.forEach(batches, repo.insert, { concurrency: "unbounded" })
      for (const key of keys) {
        const ofKey = batches.flatMap((batch, row) =>
          batch.flatMap(({ idempotency, jobs }, column) =>
            idempotency?.key === key ? [{ jobs, answer: present(answers[row]?.[column]) }] : []
          )
        )
        const created = ofKey.filter(({ answer }) => answer._tag === "Created")
        assert.strictEqual(created.length, 1)
        const winner = first(first(created).jobs).id
        for (const { answer, jobs } of ofKey) {
          if (answer._tag === "Created") continue
          assert.deepStrictEqual(answer._tag === "Repeated" ? answer.jobs : null, [winner])
          assert.deepStrictEqual(yield* repo.find(jobs.map(({ id }) => id)), [null])
        }
      }
    })
  )
}
