/** What a job demands of its worker's skills, or wishes of them. */
import { Duration, Equal, Predicate, Schema, SchemaTransformation } from "effect"
import { formatDuration, PositiveDurationText } from "../Duration.ts"
import { Name } from "../Identifiers.ts"
import { isShortAsJson, JsonValue } from "../Json.ts"

/** What a worker says it can do: any JSON value under each name, as in `{ "memoryGb": 16, "gpu": ["cuda"] }`. */
export const Skills = Schema.Record(Name, JsonValue)
export type Skills = typeof Skills.Type

/** What workers and jobs say of each other is held in memory by every server, so it has at most so many characters as JSON. */
export const longestDemands = 16_384

/** The skills that a worker may send. */
export const SentSkills = Skills.check(isShortAsJson(longestDemands))

const operators = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "exists", "absent"] as const

/** How what is there (left) is compared with a value (right). */
export const Operator = Schema.Literals(operators)
export type Operator = typeof Operator.Type

/** An operator, and the value that it needs. */
interface Comparison {
  readonly op: Operator
  readonly value?: JsonValue
}

/** What is wrong with the value of a comparison; true if it is well. */
export const valueFits = ({ op, value }: Comparison): true | string => {
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

/** The weight of a wish of which none is said. */
const defaultWeight = 1
const largestWeight = 1_000_000

/** A length of time, kept as milliseconds: constraints are compared and stored as JSON. */
const Milliseconds = PositiveDurationText.pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform({ decode: Duration.toMillis, encode: Duration.millis })
  )
)

/**
 * A demand of a job on its worker: `worker.skills[skill] OP value`. With a `weight` it is a wish that keeps nobody from the
 * job, and counts for so much among the wishes. With `relaxAfter` it is required until the job has been pending for so
 * long, in milliseconds, and a wish from then on, of weight 1 if none is given.
 */
export const Constraint = Schema.Struct({
  skill: Name,
  op: Operator,
  value: Schema.optionalKey(JsonValue),
  weight: Schema.optionalKey(
    Schema.Finite.check(
      Schema.makeFilter(
        (weight) =>
          (weight > 0 && weight <= largestWeight) || `must be more than 0, and at most ${largestWeight}`
      )
    )
  ),
  relaxAfter: Schema.optionalKey(Milliseconds)
})
  .check(Schema.makeFilter((constraint) => valueFits(constraint)))
  .annotate({ identifier: "Constraint" })
export type Constraint = typeof Constraint.Type

/** The constraints that a client may send with a job. */
export const SentConstraints = Schema.Array(Constraint).check(
  Schema.isMaxLength(64),
  isShortAsJson(longestDemands)
)

/** A constraint in the form in which it is sent. */
export const toConstraintJson = (constraint: Constraint): typeof Constraint.Encoded => {
  const { relaxAfter, ...others } = constraint
  return relaxAfter === undefined
    ? others
    : { ...others, relaxAfter: formatDuration(Duration.millis(relaxAfter)) }
}

/** What the constraint counts for among the wishes of a job. */
export const weightOf = ({ weight }: Constraint): number => weight ?? defaultWeight

/** How long a job must be pending until the constraint is a wish: 0 if it always is, infinite if it never is. */
export const requiredFor = ({ relaxAfter, weight }: Constraint): number =>
  relaxAfter ?? (weight === undefined ? Infinity : 0)

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

/** Whether the comparison holds of what is there; nothing is there where undefined, which only `absent` and `ne` hold of. */
export const holds = (there: JsonValue | undefined, { op, value }: Comparison): boolean => {
  if (there === undefined) return op === "absent" || op === "ne"
  switch (op) {
    case "eq":
      return Equal.equals(there, value)
    case "ne":
      return !Equal.equals(there, value)
    case "lt":
      return inOrder(there, value, (comparison) => comparison < 0)
    case "lte":
      return inOrder(there, value, (comparison) => comparison <= 0)
    case "gt":
      return inOrder(there, value, (comparison) => comparison > 0)
    case "gte":
      return inOrder(there, value, (comparison) => comparison >= 0)
    case "in":
      return Array.isArray(value) && value.some((item) => Equal.equals(item, there))
    case "contains":
      return Array.isArray(there)
        ? there.some((item) => Equal.equals(item, value))
        : Predicate.isString(there) && Predicate.isString(value) && there.includes(value)
    case "exists":
      return true
    case "absent":
      return false
  }
}

/** Whether a worker with these skills satisfies the constraint. A missing skill satisfies only `absent` and `ne`. */
export const satisfies = (skills: Skills, constraint: Constraint): boolean =>
  holds(Object.hasOwn(skills, constraint.skill) ? skills[constraint.skill] : undefined, constraint)
