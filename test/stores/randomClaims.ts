/** Claims at random, of few groups, for workers of whom some are alike. */
import { Array as Arr, Duration } from "effect"
import { acceptedJobs, type AcceptedJobs, anyJob } from "../../src/domain/matching/Acceptance.ts"
import type { Skills } from "../../src/domain/matching/Constraint.ts"
import { AttemptId } from "../../src/domain/Identifiers.ts"
import type { ClaimSource } from "../../src/domain/jobs/Claim.ts"
import type { Limits } from "../../src/domain/matching/Limits.ts"
import type { JobGroup } from "../../src/domain/matching/Matching.ts"
import type { Dice } from "../support/Dice.ts"
import { newSeeker } from "./StoreKit.ts"

// Few, so that what is done often meets what was done before.
export const groups: Arr.NonEmptyReadonlyArray<Omit<JobGroup, "id">> = [
  { type: "a", priority: 0, constraints: [], fairnessKey: null },
  { type: "a", priority: 1, constraints: [], fairnessKey: null },
  {
    type: "a",
    priority: 0,
    constraints: [{ skill: "s", op: "eq", value: { b: [1], a: null } }],
    fairnessKey: null
  },
  { type: "b", priority: 0, constraints: [], fairnessKey: null },
  { type: "a", priority: 0, constraints: [], fairnessKey: "key" },
  { type: "b", priority: 1, constraints: [], fairnessKey: "key" },
  { type: "b", priority: 0, constraints: [], fairnessKey: "other" },
  {
    type: "b",
    priority: 0,
    constraints: [{ skill: "n", op: "gte", value: 3, weight: 2 }],
    fairnessKey: null
  },
  {
    type: "a",
    priority: 0,
    constraints: [
      { skill: "n", op: "gte", value: 3, relaxAfter: 1_500 },
      { skill: "s", op: "absent", weight: 1 }
    ],
    fairnessKey: null
  }
]
const skills: Arr.NonEmptyReadonlyArray<Skills> = [{}, { s: { b: [1], a: null } }, { n: 1 }, { n: 5 }]
export const workers: Arr.NonEmptyReadonlyArray<string> = ["v", "w"]

export const makeClaims = (dice: Dice) => {
  const clock = () => Duration.millis(1 + dice.below(5_000))
  const limit = () => dice.pick(null, null, 1, 2)
  const someLimits = (): Limits | null =>
    dice.pick(null, {
      concurrency: limit(),
      perWorker: limit(),
      perFairnessKey: limit(),
      rateLimit: dice.maybe({
        limit: dice.pick(1, 2, 2_000),
        period: Duration.millis(1 + dice.below(3_000))
      })
    })

  const claim = () => {
    // Half of the claims are of what has neither limits nor keys.
    const isPlain = dice.pick(true, false)
    const limits = isPlain
      ? new Map<string, Limits | null>()
      : new Map([
          ["a", someLimits()],
          ["b", someLimits()]
        ])
    const indexes = groups.flatMap(({ fairnessKey }, index) =>
      isPlain && fairnessKey !== null ? [] : [index]
    )
    const turns = new Map([null, "key", "other"].map((key) => [key, dice.below(3)]))
    // Half of them of one source, for which a store may have a way of its own.
    const mostSources = isPlain ? dice.pick(1, groups.length) : groups.length
    const sources = dice.some(indexes).map((index) => ({
      index,
      lease: clock(),
      maxRun: clock(),
      pickup: dice.maybe(clock())
    }))
    const accepts: Arr.NonEmptyReadonlyArray<AcceptedJobs> = [
      anyJob,
      anyJob,
      acceptedJobs([{ tag: "x", op: dice.pick("exists", "absent") }])
    ]
    // Some claims are for workers that are all alike, as most are.
    const suitability = { types: [], skills: { s: { b: [1], a: null }, n: 5 }, accepts: [] }
    const areAlike = dice.pick(true, false)
    const accepted = dice.pick(...accepts)
    const seekers = dice.times(4, () =>
      newSeeker({
        worker: dice.pick(...workers),
        lease: dice.maybe(clock()),
        max: dice.pick(1, 1, 2, 5),
        accepted,
        suitability,
        ...(areAlike
          ? {}
          : {
              accepted: dice.pick(...accepts),
              suitability: {
                types: dice.pick<ReadonlyArray<string>>([], [], ["a"]),
                skills: dice.pick(...skills),
                accepts: []
              },
              keptFrom: new Set(dice.pick([], [], ["b"])),
              records: new Map([["a", dice.pick(0.2, 0.7)]]),
              running: dice.below(2)
            })
      })
    )
    const wanted = seekers.reduce((sum, { max }) => sum + max, 0)
    const attempts = dice.times(6, () => AttemptId.make(dice.uuid())).slice(0, wanted)
    const betters = new Map(
      groups.map((_, index) => [
        index,
        dice.pick(null, null, null, {
          worker: "better",
          score: dice.pick(0.7, 1),
          patience: 1 + dice.below(2_000)
        })
      ])
    )
    /** The sources, as a store calls their groups that is known to have them. */
    const sourcesOf = (known: ReadonlyMap<number, JobGroup>): ReadonlyArray<ClaimSource> =>
      sources
        .flatMap(({ index, ...source }) => {
          const group = known.get(index)
          return group === undefined
            ? []
            : [
                {
                  ...source,
                  group,
                  limits: limits.get(group.type) ?? null,
                  turn: turns.get(group.fairnessKey) ?? 0,
                  better: areAlike ? null : (betters.get(index) ?? null)
                }
              ]
        })
        .slice(0, mostSources)
    return { attempts, seekers, sourcesOf }
  }

  return { claim }
}
