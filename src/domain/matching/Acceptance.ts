/** What a worker demands of its jobs. */
import { Schema } from "effect"
import { holds, Operator, valueFits } from "./Constraint.ts"
import { ProjectId, Tag } from "../Identifiers.ts"
import { JsonValue } from "../Json.ts"

const Property = Schema.Literals(["type", "priority", "project"])

const isProject = Schema.is(ProjectId)
const mostProjects = 1_000

interface Wish {
  readonly tag?: string
  readonly property?: typeof Property.Type
  readonly op: Operator
  readonly value?: JsonValue
}

/** What is wrong with a demand on the project; true if it is well. Jobs are found by these in the store. */
const fitsProject = ({ op, value }: Wish): true | string => {
  switch (op) {
    case "exists":
    case "absent":
      return true
    case "eq":
    case "ne":
      return isProject(value) || `${op} takes the id of a project`
    case "in":
      return (
        (Array.isArray(value) && value.length <= mostProjects && value.every(isProject)) ||
        `in takes at most ${mostProjects} ids of projects`
      )
    default:
      return `a project is not compared by ${op}, but by one of eq ne in exists absent`
  }
}

const fits = (wish: Wish): true | string => {
  const { op, property, tag, value } = wish
  if ((tag === undefined) === (property === undefined)) return "give one of tag and property"
  if (tag !== undefined && op !== "exists" && op !== "absent") return "a tag takes the op exists or absent"
  const isWell = valueFits(value === undefined ? { op } : { op, value })
  return isWell === true && property === "project" ? fitsProject(wish) : isWell
}

/**
 * A demand of a worker on its jobs: that they bear a tag or do not (`{ "tag": "gdpr", "op": "absent" }`), or something of
 * their type, priority or project (`{ "property": "priority", "op": "gte", "value": 5 }`).
 */
export const Acceptance = Schema.Struct({
  tag: Schema.optionalKey(Tag),
  property: Schema.optionalKey(Property),
  op: Operator,
  value: Schema.optionalKey(JsonValue)
})
  .check(Schema.makeFilter(fits))
  .annotate({ identifier: "Acceptance" })
export type Acceptance = typeof Acceptance.Type

/** Whether a worker accepts jobs of this type and priority, whatever else they are. */
export const acceptsKind = (
  accepts: ReadonlyArray<Acceptance>,
  job: { readonly type: string; readonly priority: number }
): boolean =>
  accepts.every(
    (one) => one.property === undefined || one.property === "project" || holds(job[one.property], one)
  )

/** What a worker demands of each single job. */
export interface AcceptedJobs {
  readonly withTags: ReadonlyArray<string>
  readonly withoutTags: ReadonlyArray<string>
  /** The job is in one of these projects; null if it need not be. */
  readonly inOneOf: ReadonlyArray<ProjectId> | null
  readonly inNoneOf: ReadonlyArray<ProjectId>
  /** Whether it is in a project at all; null if that does not matter. */
  readonly isInProject: boolean | null
}

/** Nothing is demanded of single jobs. */
export const anyJob: AcceptedJobs = {
  withTags: [],
  withoutTags: [],
  inOneOf: null,
  inNoneOf: [],
  isInProject: null
}

const and = (accepted: AcceptedJobs, { op, property, tag, value = null }: Acceptance): AcceptedJobs => {
  if (tag !== undefined) {
    return op === "exists"
      ? { ...accepted, withTags: [...accepted.withTags, tag] }
      : { ...accepted, withoutTags: [...accepted.withoutTags, tag] }
  }
  if (property !== "project") return accepted
  const projects = [value].flat().filter(isProject)
  const only = (some: ReadonlyArray<ProjectId>) => ({
    ...accepted,
    inOneOf: accepted.inOneOf?.filter((project) => some.includes(project)) ?? some
  })
  if (op === "ne") return { ...accepted, inNoneOf: [...accepted.inNoneOf, ...projects] }
  if (op !== "exists" && op !== "absent") return only(projects)
  const isInProject = op === "exists"
  // Both at once: there is no such job.
  return accepted.isInProject === !isInProject ? only([]) : { ...accepted, isInProject }
}

/** What is demanded of single jobs by all of these together. */
export const acceptedJobs = (accepts: ReadonlyArray<Acceptance>): AcceptedJobs => accepts.reduce(and, anyJob)

/** Whether a worker accepts this job, of those whose type and priority it accepts. */
export const acceptsJob = (
  accepted: AcceptedJobs,
  { project, tags }: { readonly tags: ReadonlyArray<string>; readonly project: ProjectId | null }
): boolean =>
  accepted.withTags.every((tag) => tags.includes(tag)) &&
  !accepted.withoutTags.some((tag) => tags.includes(tag)) &&
  (accepted.inOneOf === null || (project !== null && accepted.inOneOf.includes(project))) &&
  (project === null || !accepted.inNoneOf.includes(project)) &&
  (accepted.isInProject === null || accepted.isInProject === (project !== null))

/** Whether a worker accepts this job. */
export const accepts = (
  demands: ReadonlyArray<Acceptance>,
  job: Parameters<typeof acceptsKind>[1] & Parameters<typeof acceptsJob>[1]
): boolean => acceptsKind(demands, job) && acceptsJob(acceptedJobs(demands), job)
