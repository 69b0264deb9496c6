/** What a store says of why a pending job is not given. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { mostAhead } from "../../src/domain/explaining/Outlook.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import type { Limits } from "../../src/domain/matching/Limits.ts"
import {
  claim,
  first,
  insert,
  insertOne,
  newGroup,
  newJob,
  newName,
  newSlot,
  present,
  sourceOf,
  type Suite
} from "./StoreKit.ts"

const ask = Effect.fnUntraced(function* (
  job: JobRecord,
  limits: Limits | null = null,
  workers: ReadonlySet<string> = new Set()
) {
  const repo = yield* JobRepo
  return yield* repo.outlook({ job, limits, workers })
})

const placesOf = (jobs: ReadonlyArray<JobRecord>) =>
  Effect.forEach(jobs, (job) => Effect.map(ask(job), ({ ahead }) => ahead))

export const explaining = ({ advance, it }: Suite): void => {
  it.effect("counts the jobs of the group that come before", () =>
    Effect.gen(function* () {
      const type = newName("type")
      const group = newGroup({ type })
      const early = yield* insert(...Array.from({ length: 3 }, () => newJob({ group })))
      yield* advance(1)
      const late = yield* insertOne({ group })
      const urgent = yield* insertOne({ group: newGroup({ type, priority: 5 }) })
      yield* insertOne({ group, delay: Duration.hours(1) })
      assert.deepStrictEqual(yield* placesOf([...early, late, urgent]), [0, 1, 2, 3, 0])
      yield* claim([sourceOf(first(early))], [newSlot()])
      assert.deepStrictEqual(yield* placesOf([...early.slice(1), late]), [0, 1, 2])
    })
  )

  it.effect("counts no more jobs than it may", () =>
    Effect.gen(function* () {
      const group = newGroup()
      const jobs = yield* insert(...Array.from({ length: mostAhead + 2 }, () => newJob({ group })))
      const of = (place: number) => present(jobs[place])
      assert.deepStrictEqual(yield* placesOf([of(mostAhead - 1), of(mostAhead), of(mostAhead + 1)]), [
        mostAhead - 1,
        mostAhead,
        mostAhead
      ])
    })
  )

  it.effect("says what is in use of the limits, and when that was", () =>
    Effect.gen(function* () {
      const type = newName("type")
      const rateLimit = { limit: 9, period: Duration.millis(100) }
      const limits = { concurrency: 9, perWorker: 9, perFairnessKey: 9, rateLimit }
      const [ours, , theirs, job] = yield* insert(
        ...["a", "a", "b", "a"].map((fairnessKey) => newJob({ group: newGroup({ type, fairnessKey }) }))
      )
      const slots = [newSlot({ worker: "v" }), newSlot({ worker: "w" })]
      const sources = [present(ours), present(theirs)].map((one) => sourceOf(one, { limits }))
      yield* claim(sources.slice(0, 1), slots)
      const before = (yield* ask(present(job), limits)).at
      yield* advance(40)
      yield* claim(
        sources.slice(1),
        slots.slice(0, 1).map(() => newSlot({ worker: "w" }))
      )
      const later = yield* ask(present(job), limits, new Set(["v", "w", "x"]))
      const usage = present(later.usage)
      assert.strictEqual(Duration.toMillis(DateTime.distance(before, later.at)), 40)
      assert.strictEqual(usage.running, 3)
      assert.strictEqual(usage.ofKeys.get("a"), 2)
      assert.deepStrictEqual(
        ["v", "w", "x"].map((worker) => usage.ofWorkers.get(worker) ?? 0),
        [1, 2, 0]
      )
      assert.deepStrictEqual(
        usage.begun.map((begun) => [begun.at - DateTime.toEpochMillis(before), begun.count]),
        [
          [0, 2],
          [40, 1]
        ]
      )
      assert.isNull((yield* ask(present(job))).usage)
    })
  )
}
