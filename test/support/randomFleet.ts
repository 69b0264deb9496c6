/** Workers of several skill sets and jobs of several constraint sets, at random: the same for the same seed. */
import { Array as Arr } from "effect"
import type { Acceptance } from "../../src/domain/matching/Acceptance.ts"
import type { Constraint, Skills } from "../../src/domain/matching/Constraint.ts"
import { makeDice } from "./Dice.ts"

/** All times are in ticks. */
export interface FleetWorker {
  readonly name: string
  readonly types: ReadonlyArray<string>
  readonly skills: Skills
  readonly accepts: ReadonlyArray<Acceptance>
  /** How many times as long as others it takes for a job. */
  readonly slowness: number
}
export interface FleetJob {
  readonly arrival: number
  readonly type: string
  readonly priority: number
  readonly constraints: ReadonlyArray<Constraint>
  readonly tags: ReadonlyArray<string>
  readonly length: number
}
export interface Fleet {
  readonly workers: ReadonlyArray<FleetWorker>
  readonly jobs: ReadonlyArray<FleetJob>
}

export interface FleetSize {
  readonly workers: number
  readonly skillSets: number
  readonly jobs: number
  readonly constraintSets: number
  /** The jobs arrive within so many ticks. */
  readonly arrivals: number
}

/** The length of a tick, in milliseconds. */
export const tick = 100

/** Jobs of this type may be kept for somebody better. */
export const patientType = "scan.deep"
const types = ["scan.quick", patientType] as const

const times = <A>(count: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => make(index))

export const randomFleet = (seed: string, size: FleetSize): Fleet => {
  const dice = makeDice(seed)

  const skillSets = times(size.skillSets, (index) => {
    const skills = {
      memoryGb: dice.pick(4, 8, 16, 32),
      os: dice.pick("linux", "linux", "darwin"),
      gpu: dice.pick<ReadonlyArray<string>>([], ["cuda"], ["cuda", "vulkan"]),
      ...(dice.below(2) === 0 ? {} : { rust: true })
    }
    // The first ones take anything that they can do, so that there is somebody for every job.
    if (index < size.skillSets / 2) return { skills, types: [], accepts: [] }
    return {
      skills,
      types: dice.pick<ReadonlyArray<string>>([], ["scan.*"], [patientType]),
      accepts: dice.pick<ReadonlyArray<Acceptance>>(
        [],
        [{ tag: "private", op: "absent" }],
        [{ property: "priority", op: "gte", value: 1 }]
      )
    }
  })
  const ofAll = Arr.take(skillSets, Math.ceil(size.skillSets / 2))

  /** Of what these skills satisfy, or, if it is only a wish, of anything. */
  const constraintOf = (skills: Skills): Constraint => {
    const met = dice.pick<ReadonlyArray<Constraint>>(
      [{ skill: "memoryGb", op: "gte", value: skills["memoryGb"] ?? 0 }],
      [{ skill: "os", op: "eq", value: skills["os"] ?? "" }],
      [{ skill: "rust", op: "rust" in skills ? "exists" : "absent" }]
    )
    const any = dice.pick<Constraint>(
      { skill: "gpu", op: "contains", value: "cuda" },
      { skill: "memoryGb", op: "gte", value: 16 },
      { skill: "rust", op: "exists" },
      { skill: "os", op: "in", value: ["linux", "darwin"] }
    )
    const [required = any] = met
    return dice.pick<Constraint>(
      required,
      { ...any, weight: dice.pick(0.5, 1, 3) },
      { ...any, relaxAfter: tick * (1 + dice.below(8)) },
      { ...any, relaxAfter: tick * (1 + dice.below(8)), weight: 2 }
    )
  }
  const constraintSets = times(size.constraintSets, () => {
    const skills = dice.from(ofAll)?.skills ?? {}
    return { priority: dice.pick(0, 0, 1), constraints: dice.times(3, () => constraintOf(skills)) }
  })

  return {
    workers: times(size.workers, (index) => ({
      ...(skillSets[index % skillSets.length] ?? { skills: {}, types: [], accepts: [] }),
      name: `worker-${index}`,
      slowness: dice.pick(1, 1, 2)
    })),
    jobs: times(size.jobs, () => ({
      // In waves of 50 ticks, twice as many in the first half of each as in the second.
      arrival: 50 * dice.below(size.arrivals / 50) + dice.pick(0, 0, 25) + dice.below(25),
      type: dice.pick(...types),
      ...(dice.from(constraintSets) ?? { priority: 0, constraints: [] }),
      tags: dice.pick<ReadonlyArray<string>>([], [], ["private"]),
      length: 1 + dice.below(2)
    })).toSorted((left, right) => left.arrival - right.arrival)
  }
}
