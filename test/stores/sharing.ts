/** How a store shares out among priorities and fairness keys. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import {
  claim,
  insert,
  newGroup,
  newJob,
  newName,
  newSlots,
  sourceOf,
  type Suite,
  claimOf
} from "./StoreKit.ts"

const sourcesOf = (jobs: ReadonlyArray<JobRecord>, turns: Readonly<Record<string, number>> = {}) =>
  [...new Map(jobs.map((job) => [job.group.id, job])).values()].map((job) =>
    sourceOf(job, { turn: turns[job.fairnessKey ?? ""] ?? 0 })
  )

const many = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

export const sharing = ({ advance, it }: Suite): void => {
  it.effect.each([[null], ["key"]])("counts a level of priority as ten minutes of waiting: %s", ([key]) =>
    Effect.gen(function* () {
      const low = newGroup({ fairnessKey: key ?? null })
      const high = newGroup({ priority: 1, fairnessKey: key ?? null })
      const jobs = [...(yield* insert(newJob({ group: low })))]
      yield* advance(1)
      jobs.push(...(yield* insert(newJob({ group: low }))))
      yield* advance(Duration.minutes(10))
      jobs.push(...(yield* insert(newJob({ group: high }))))
      yield* advance(1)
      jobs.push(...(yield* insert(newJob({ group: high }), newJob({ group: low }))))
      const given = yield* claim(sourcesOf(jobs), newSlots(9))
      assert.deepStrictEqual(
        given.map(({ job }) => jobs.findIndex(({ id }) => id === job.id)),
        [0, 1, 2, 3, 4]
      )
    })
  )

  it.effect("goes round between the keys, beginning with the one that was served longest ago", () =>
    Effect.gen(function* () {
      const type = newName("type")
      const keys = [...many(6, "flood"), ...many(2, "small"), null, "new"]
      const jobs = yield* insert(
        ...keys.map((fairnessKey) => newJob({ group: newGroup({ type, fairnessKey }) }))
      )
      const sources = sourcesOf(jobs, { flood: 3, small: 2, "": 1 })
      const given = yield* claim(sources, newSlots(8))
      assert.deepStrictEqual(
        given.map(({ job }) => job.fairnessKey),
        ["new", null, "small", "flood", "small", "flood", "flood", "flood"]
      )
      assert.strictEqual((yield* claim(sources, newSlots(9))).length, 2)
    })
  )

  it.effect("finds what comes next however many groups there are and however deep one of them is", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const type = newName("type")
      const jobs = yield* insert(
        ...many(200, newGroup({ type, fairnessKey: "deep" })).map((group) => newJob({ group })),
        ...Array.from({ length: 40 }, (_, index) =>
          newJob({ group: newGroup({ type, fairnessKey: `key-${index}` }) })
        )
      )
      const { contended, jobs: given } = yield* repo.claim(claimOf(sourcesOf(jobs), newSlots(150)))
      assert.isFalse(contended)
      assert.deepStrictEqual(
        given.map(({ job }) => job.group.fairnessKey),
        ["deep", ...Array.from({ length: 40 }, (_, index) => `key-${index}`), ...many(109, "deep")]
      )
      assert.deepStrictEqual(
        given.filter(({ job }) => job.group.fairnessKey === "deep").map(({ job }) => job.id),
        jobs.slice(0, 110).map(({ id }) => id)
      )
    })
  )
}
