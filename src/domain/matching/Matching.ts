/** Which worker may do which job, and how well it suits it. */
import { Schema } from "effect"
import { Acceptance, acceptsKind } from "./Acceptance.ts"
import { Constraint, requiredFor, satisfies, Skills, weightOf } from "./Constraint.ts"
import { matchesType, Name, TypePattern } from "../Identifiers.ts"

/** What a waiting worker wants and can do. No `types` means any type. */
export const Suitability = Schema.Struct({
  types: Schema.Array(TypePattern),
  skills: Skills,
  accepts: Schema.Array(Acceptance)
})
export type Suitability = typeof Suitability.Type

/**
 * Jobs that are alike to the matcher: same type, priority, constraints and fairness key. There are few groups, however
 * many jobs there are (for each type about as many as there are tenants), so that vacancies are matched against groups and
 * never against jobs.
 */
export const JobGroup = Schema.Struct({
  id: Schema.Number,
  type: Name,
  priority: Schema.Int,
  constraints: Schema.Array(Constraint),
  fairnessKey: Schema.NullOr(Schema.String)
})
export type JobGroup = typeof JobGroup.Type

/** How a worker suits the jobs of a group. */
export interface Match {
  /** How long a job must be pending until the worker may have it, in milliseconds: until a constraint is relaxed. */
  readonly eligibleAfter: number
  /** The wishes that a job comes to have, each with its weight, whether it is satisfied, and after how long it is one. */
  readonly wishes: ReadonlyArray<{ readonly weight: number; readonly isMet: boolean; readonly after: number }>
}

/**
 * How a worker suits the jobs of a group; null if it may have none of them, however long they are pending. What it accepts
 * of each single job is another question, see `acceptsJob`.
 */
export const match = (suitability: Suitability, group: JobGroup): Match | null => {
  const { accepts, skills, types } = suitability
  if (types.length > 0 && !types.some((pattern) => matchesType(pattern, group.type))) return null
  if (!acceptsKind(accepts, group)) return null
  const checked = group.constraints.map((constraint) => ({
    weight: weightOf(constraint),
    isMet: satisfies(skills, constraint),
    after: requiredFor(constraint)
  }))
  const eligibleAfter = checked.reduce(
    (latest, { after, isMet }) => (isMet ? latest : Math.max(latest, after)),
    0
  )
  if (eligibleAfter === Infinity) return null
  return { eligibleAfter, wishes: checked.filter(({ after }) => after !== Infinity) }
}

/**
 * The part of the wishes that the worker satisfies, by weight, of a job that has been pending for `waited` milliseconds:
 * 0 to 1, and 1 where nothing is wished for.
 */
export const fitOf = ({ wishes }: Match, waited: number): number => {
  let met = 0
  let all = 0
  for (const { after, isMet, weight } of wishes) {
    if (after > waited) continue
    all += weight
    if (isMet) met += weight
  }
  return all === 0 ? 1 : met / all
}

/** Memoises a function of groups, which never change, for as long as the group is in memory. */
const remembered = <A>(make: (group: JobGroup) => A) => {
  const all = new WeakMap<JobGroup, { readonly made: A }>()
  return (group: JobGroup): A => {
    const known = all.get(group)
    if (known !== undefined) return known.made
    const made = make(group)
    all.set(group, { made })
    return made
  }
}

/** The lengths of time after which a constraint of the group is relaxed, ascending, in milliseconds. */
export const relaxTimes = remembered(({ constraints }): ReadonlyArray<number> => [
  ...new Set(
    constraints.flatMap(({ relaxAfter }) => relaxAfter ?? []).toSorted((left, right) => left - right)
  )
])

/** The same text for groups that suit the same workers in the same way: they differ in nothing but their fairness keys. */
export const classOf = remembered(({ constraints, priority, type }) =>
  JSON.stringify([type, priority, constraints])
)
