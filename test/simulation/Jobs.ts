/** The kinds of jobs, workers and rules of a run: few enough that they often meet. */
import { Array as Arr, DateTime, Duration } from "effect"
import type { Constraint, Skills } from "../../src/domain/matching/Constraint.ts"
import type { ProjectId } from "../../src/domain/Identifiers.ts"
import type { NewJob } from "../../src/domain/jobs/Job.ts"
import type { PolicyOverrides } from "../../src/domain/policies/PolicyOverrides.ts"
import type { Vacancy } from "../../src/domain/dispatching/Vacancies.ts"
import type { Dice } from "../support/Dice.ts"

export const types = ["alpha", "beta", "beta.fast"] as const
export const tags = ["red", "blue"]
const fairnessKeys = ["one", "two"] as const

const constraints: Arr.NonEmptyReadonlyArray<ReadonlyArray<Constraint>> = [
  [{ skill: "memory", op: "gte", value: 8 }],
  [{ skill: "gpu", op: "contains", value: "cuda" }],
  [{ skill: "slow", op: "absent" }],
  [{ skill: "region", op: "eq", value: "eu", weight: 2 }],
  [{ skill: "memory", op: "gte", value: 32, relaxAfter: 5_000 }],
  [
    { skill: "region", op: "exists" },
    { skill: "memory", op: "lt", value: 100 }
  ]
]

const skills: Arr.NonEmptyReadonlyArray<Skills> = [
  {},
  { memory: 4, slow: true },
  { memory: 16, region: "eu" },
  { memory: 64, gpu: ["cuda", "vulkan"], region: "us" }
]

const seconds = (dice: Dice, ...from: Arr.NonEmptyReadonlyArray<number>) =>
  Duration.seconds(dice.pick(...from))

/** Most of these are of jobs that say nothing. */
const rarely = <A extends object>(dice: Dice, make: () => A): A | object => (dice.chance(0.2) ? make() : {})

export const newJob = (dice: Dice, now: number, project: ProjectId | null): NewJob => ({
  type: dice.pick(...types),
  parameters: { number: dice.below(1_000) },
  ...(project !== null && { project }),
  ...rarely(dice, () => ({ constraints: dice.pick(...constraints) })),
  ...rarely(dice, () => ({ priority: dice.pick(-1, 1, 5) })),
  ...rarely(dice, () => ({ fairnessKey: dice.pick(...fairnessKeys) })),
  ...rarely(dice, () => ({ tags: dice.some(tags) })),
  ...(dice.chance(0.5)
    ? rarely(dice, () => ({ delay: Duration.millis(dice.pick(1, 1_234, 15_000, 40_000)) }))
    : rarely(dice, () => ({ runAt: DateTime.makeUnsafe(now + dice.pick(-5_000, 777, 45_000)) }))),
  ...rarely(dice, () => ({ expiresIn: seconds(dice, 1, 20, 120) })),
  ...rarely(dice, () => ({ maxAttempts: dice.pick(1, 2) })),
  ...rarely(dice, () => ({ lease: seconds(dice, 2, 20) })),
  ...rarely(dice, () => ({ maxRun: seconds(dice, 3, 40) }))
})

export const vacancy = (dice: Dice, worker: string): Vacancy => ({
  worker,
  suitability: {
    types: dice.pick<ReadonlyArray<string>>([], [], ["alpha"], ["beta*"], ["alpha", "beta"]),
    skills: dice.pick(...skills),
    accepts: dice.chance(0.15)
      ? [
          dice.pick(
            { tag: "red", op: "absent" } as const,
            { property: "priority", op: "gte", value: 0 } as const
          )
        ]
      : []
  },
  max: dice.pick(1, 1, 2, 5),
  lease: dice.chance(0.2) ? seconds(dice, 5, 30) : null
})

/** Somebody who can and will do all of these jobs. */
export const able = (worker: string): Vacancy => ({
  worker,
  suitability: { types: [], skills: { memory: 64, gpu: ["cuda"], region: "eu" }, accepts: [] },
  max: 5,
  lease: null
})

/** Short clocks, so that a run of minutes sees all of them. */
export const firstPolicy: PolicyOverrides = {
  backoff: { initial: Duration.seconds(2), max: Duration.seconds(20) },
  lease: Duration.seconds(10),
  maxRun: Duration.seconds(40),
  unclaimedAlert: Duration.seconds(15),
  cancelGrace: Duration.seconds(3),
  quarantine: { failures: 4, within: Duration.minutes(1), for: Duration.seconds(30) }
}

/** A few fields of a policy. */
export const somePolicy = (dice: Dice): PolicyOverrides => ({
  ...rarely(dice, () => ({ maxAttempts: dice.pick(1, 3, 6) })),
  ...rarely(dice, () => ({ maxLost: dice.pick(1, 2, 5) })),
  ...rarely(dice, () => ({
    backoff: {
      kind: dice.pick("fixed", "linear", "exponential"),
      initial: Duration.millis(dice.pick(0, 1_500)),
      factor: dice.pick(1, 3),
      max: Duration.seconds(20),
      jitter: dice.pick(0, 0.5, 1)
    }
  })),
  ...rarely(dice, () => ({ lease: seconds(dice, 3, 20) })),
  ...rarely(dice, () => ({ pickup: dice.pick(null, Duration.seconds(2)) })),
  ...rarely(dice, () => ({ maxRun: seconds(dice, 5, 40) })),
  ...rarely(dice, () => ({ expiresIn: dice.pick(null, Duration.seconds(60)) })),
  ...rarely(dice, () => ({ unclaimedAlert: dice.pick(null, Duration.seconds(5)) })),
  ...rarely(dice, () => ({ cancelGrace: Duration.seconds(dice.pick(0, 2)) })),
  ...rarely(dice, () => ({ concurrency: dice.pick(null, 1, 2, 4) })),
  ...rarely(dice, () => ({ perWorker: dice.pick(null, 1, 2) })),
  ...rarely(dice, () => ({ perFairnessKey: dice.pick(null, 1, 2) })),
  ...rarely(dice, () => ({
    rateLimit: dice.pick(null, { limit: dice.pick(1, 3), period: seconds(dice, 1, 10) })
  })),
  ...rarely(dice, () => ({ paused: dice.pick(true, false, false) })),
  ...rarely(dice, () => ({ patience: seconds(dice, 0, 4) })),
  ...rarely(dice, () => ({
    quarantine: dice.pick(null, { failures: 2, within: Duration.minutes(1), for: Duration.seconds(15) })
  })),
  ...rarely(dice, () => ({
    retention: dice.pick(
      { done: null },
      { done: Duration.minutes(2) },
      { done: Duration.seconds(40), failed: Duration.seconds(30) }
    )
  })),
  ...rarely(dice, () => ({ logCap: 1_024 }))
})
