/** Which of the workers that are alive could take a job, and how nearly those come to it that could not. */
import { Predicate, Schema } from "effect"
import { type Constraint, Operator, requiredFor, satisfies } from "../matching/Constraint.ts"
import { matchesType, Name } from "../Identifiers.ts"
import { JsonValue } from "../Json.ts"
import { acceptsKind } from "../matching/Acceptance.ts"
import { type JobGroup, match, type Suitability } from "../matching/Matching.ts"

/** What keeps a worker from jobs that it could do, and until when; null for until somebody says so. */
export const Kept = Schema.Struct({
  why: Schema.Literals(["paused", "banned", "quarantine"]),
  until: Schema.NullOr(Schema.DateTimeUtc)
})
export type Kept = typeof Kept.Type

/** A worker that is alive, and what it last asked for. */
export interface LiveWorker extends Suitability {
  readonly name: string
  /** How many jobs it is running. */
  readonly running: number
  /** What keeps it from the jobs in question. */
  readonly kept: Kept | null
}

/** At most this many of the live workers are looked at, the first by name. */
export const mostLooked = 1_000

/** The workers that are alive, and whether these are all of them. */
export interface Living {
  readonly workers: ReadonlyArray<LiveWorker>
  readonly areAll: boolean
}

/** How a constraint tells workers apart: of those that are alive and ask for the type of the job. */
export interface Check {
  readonly constraint: Constraint
  /** Whether it keeps the job from those that do not satisfy it, or is a wish. */
  readonly isRequired: boolean
  /** How many do not satisfy it. */
  readonly rejects: number
  /** How many of these do not have the skill at all. */
  readonly missing: number
  /** Who comes nearest of those that do not satisfy it, by what is there. */
  readonly nearest: { readonly worker: string; readonly value: JsonValue } | null
}

/** Which live workers could take the jobs of a group, and what keeps the others from it. */
export interface Ability {
  readonly live: number
  /** Whether these are all: if not, nothing is known of the others. */
  readonly areAll: boolean
  /** How many ask for the type. */
  readonly asking: number
  /** Those that ask for the type and satisfy all that is required, accept the job, and may work. */
  readonly able: ReadonlyArray<LiveWorker>
  /** The same of those that may not. */
  readonly kept: ReadonlyArray<LiveWorker & { readonly kept: Kept }>
  /** How many there would be more if they accepted the job. */
  readonly refusing: number
  readonly checks: ReadonlyArray<Check>
}

/** A value is shown with at most this many characters of JSON. A longer one is cut, and is a text then. */
const longestValue = 80

/** A value as it is told of: of bounded size. */
export const tellValue = (value: JsonValue): JsonValue => {
  const text = JSON.stringify(value)
  return text.length <= longestValue ? value : `${text.slice(0, longestValue - 1).toWellFormed()}…`
}

/** A value in a sentence. */
export const valueText = (value: JsonValue): string => JSON.stringify(tellValue(value))

/** A constraint in a sentence, such as `memoryGb gte 8`. */
export const constraintText = ({ op, skill, value }: Pick<Constraint, "op" | "skill" | "value">): string =>
  value === undefined ? `${skill} ${op}` : `${skill} ${op} ${valueText(value)}`

/** A constraint as it is told of in events: of bounded size. */
export const ToldConstraint = Schema.Struct({
  skill: Name,
  op: Operator,
  value: Schema.optionalKey(JsonValue)
})
export type ToldConstraint = typeof ToldConstraint.Type

export const tellConstraint = ({ op, skill, value }: Constraint): ToldConstraint => ({
  skill,
  op,
  ...(value !== undefined && { value: tellValue(value) })
})

/** The constraint that rejects most workers, and who comes nearest; null for both where none has the skill. */
export const NearestMiss = Schema.Struct({
  constraint: ToldConstraint,
  rejects: Schema.Int,
  worker: Schema.NullOr(Name),
  value: JsonValue
})
export type NearestMiss = typeof NearestMiss.Type

const distance = (there: JsonValue, { op, value }: Constraint): number => {
  const wanted = op === "in" && Array.isArray(value) ? value : [value]
  return wanted.reduce<number>(
    (least, one) =>
      Predicate.isNumber(there) && Predicate.isNumber(one) ? Math.min(least, Math.abs(there - one)) : least,
    Infinity
  )
}

const check = (constraint: Constraint, asking: ReadonlyArray<LiveWorker>, waited: number): Check => {
  const { skill } = constraint
  const rejected = asking.filter(({ skills }) => !satisfies(skills, constraint))
  let nearest: Check["nearest"] = null
  let least = Infinity
  let missing = 0
  for (const { name, skills } of rejected) {
    const there = Object.hasOwn(skills, skill) ? skills[skill] : undefined
    if (there === undefined) {
      missing += 1
      continue
    }
    const far = distance(there, constraint)
    if (nearest !== null && far >= least) continue
    least = far
    nearest = { worker: name, value: tellValue(there) }
  }
  const isRequired = requiredFor(constraint) > waited
  return { constraint, isRequired, rejects: rejected.length, missing, nearest }
}

/**
 * Which of these workers could take jobs of the group that have been pending for `waited` milliseconds: those that accept
 * jobs of its type and priority, unless `isAcceptedBy` says it of a single job.
 */
export const abilityOf = (
  { areAll, workers }: Living,
  group: JobGroup,
  waited: number,
  isAcceptedBy = ({ accepts }: LiveWorker): boolean => acceptsKind(accepts, group)
): Ability => {
  const asking = workers.filter(
    ({ types }) => types.length === 0 || types.some((pattern) => matchesType(pattern, group.type))
  )
  const fit = asking.filter(({ skills, types }) => {
    const matched = match({ types, skills, accepts: [] }, group)
    return matched !== null && matched.eligibleAfter <= waited
  })
  const accepting = fit.filter(isAcceptedBy)
  return {
    live: workers.length,
    areAll,
    asking: asking.length,
    able: accepting.filter(({ kept }) => kept === null),
    refusing: fit.length - accepting.length,
    kept: accepting.flatMap((worker) => (worker.kept === null ? [] : [{ ...worker, kept: worker.kept }])),
    checks: group.constraints.map((constraint) => check(constraint, asking, waited))
  }
}

/** The required constraints that some do not satisfy, the one that rejects most first. */
export const rejecting = ({ checks }: Ability): ReadonlyArray<Check> =>
  checks
    .filter(({ isRequired, rejects }) => isRequired && rejects > 0)
    .toSorted((left, right) => right.rejects - left.rejects)

/** What the constraints have to do with it that nobody can take a job; null if they are not the reason. */
export const nearestMissOf = (ability: Ability): NearestMiss | null => {
  if (ability.able.length + ability.kept.length + ability.refusing > 0) return null
  const [worst] = rejecting(ability)
  return worst === undefined
    ? null
    : {
        constraint: tellConstraint(worst.constraint),
        rejects: worst.rejects,
        worker: worst.nearest?.worker ?? null,
        value: worst.nearest?.value ?? null
      }
}
