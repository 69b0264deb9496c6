/**
 * Which worker may do which job: a job's constraints on a worker's skills, and what a worker accepts.
 */
import { Equal, Predicate, Schema } from "effect"
import { matchesType, Name, Tag, TypePattern } from "./Identifiers.ts"
import { JsonValue } from "./Json.ts"

/** What a worker says it can do: any JSON value under each name, as in `{ "memoryGb": 16, "gpu": ["cuda"] }`. */
export const Skills = Schema.Record(Name, JsonValue)
export type Skills = typeof Skills.Type

const operators = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "exists", "absent"] as const

/** How a constraint compares the worker's skill (left) with its own value (right). */
export const Operator = Schema.Literals(operators)

const valueFits = ({
  op,
  value
}: {
  readonly op: (typeof operators)[number]
  readonly value?: JsonValue
}) => {
  switch (op) {
    case "exists":
    case "absent":
      return value === undefined || `${op} takes no value`
    case "in":
      return Array.isArray(value) || "in takes an array of values"
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return Predicate.isNumber(value) || Predicate.isString(value) || `${op} takes a number or a text`
    default:
      return value !== undefined || `${op} takes a value`
  }
}

/** A demand of a job on its worker: `worker.skills[skill] OP value`. */
export const Constraint = Schema.Struct({
  skill: Name,
  op: Operator,
  value: Schema.optionalKey(JsonValue)
}).check(Schema.makeFilter((constraint) => valueFits(constraint)))
export type Constraint = typeof Constraint.Type

/** A demand of a worker on its jobs: that they bear a tag, or that they do not. */
export const Acceptance = Schema.Struct({ tag: Tag, op: Schema.Literals(["exists", "absent"]) })
export type Acceptance = typeof Acceptance.Type

/** What a waiting worker wants and can do. No `types` means any type. */
export const Suitability = Schema.Struct({
  types: Schema.Array(TypePattern),
  skills: Skills,
  accepts: Schema.Array(Acceptance)
})
export type Suitability = typeof Suitability.Type

// Numbers compare as numbers and texts as texts; a number and a text have no order, so they satisfy nothing.
const inOrder = (
  left: JsonValue,
  right: JsonValue | undefined,
  holds: (comparison: number) => boolean
): boolean => {
  if (Predicate.isNumber(left) && Predicate.isNumber(right)) return holds(left - right)
  if (Predicate.isString(left) && Predicate.isString(right)) {
    return holds(left < right ? -1 : left > right ? 1 : 0)
  }
  return false
}

/** Whether a worker with these skills satisfies the constraint. A missing skill satisfies only `absent` and `ne`. */
export const satisfies = (skills: Skills, constraint: Constraint): boolean => {
  const { op, value } = constraint
  const skill = Object.hasOwn(skills, constraint.skill) ? skills[constraint.skill] : undefined
  if (skill === undefined) return op === "absent" || op === "ne"
  switch (op) {
    case "eq":
      return Equal.equals(skill, value)
    case "ne":
      return !Equal.equals(skill, value)
    case "lt":
      return inOrder(skill, value, (comparison) => comparison < 0)
    case "lte":
      return inOrder(skill, value, (comparison) => comparison <= 0)
    case "gt":
      return inOrder(skill, value, (comparison) => comparison > 0)
    case "gte":
      return inOrder(skill, value, (comparison) => comparison >= 0)
    case "in":
      return Array.isArray(value) && value.some((item) => Equal.equals(item, skill))
    case "contains":
      return Array.isArray(skill)
        ? skill.some((item) => Equal.equals(item, value))
        : Predicate.isString(skill) && Predicate.isString(value) && skill.includes(value)
    case "exists":
      return true
    case "absent":
      return false
  }
}

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

/** Whether a worker may do the jobs of a group. Its `accepts` look at each job and are applied when one is claimed. */
export const isEligible = (suitability: Suitability, group: JobGroup): boolean =>
  (suitability.types.length === 0 || suitability.types.some((pattern) => matchesType(pattern, group.type))) &&
  group.constraints.every((constraint) => satisfies(suitability.skills, constraint))

/** Whether a worker takes a job with these tags. */
export const acceptsTags = (accepts: ReadonlyArray<Acceptance>, tags: ReadonlyArray<string>): boolean =>
  accepts.every(({ op, tag }) => tags.includes(tag) === (op === "exists"))
