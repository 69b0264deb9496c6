/** What a worker demands of its jobs. */
import { Schema } from "effect"
import { holds, Operator, valueFits } from "./Constraint.ts"
import { ProjectId, Tag } from "./Identifiers.ts"
import { JsonValue } from "./Json.ts"

const OnTag = Schema.Struct({ tag: Tag, op: Schema.Literals(["exists", "absent"]) })

const onProperty = {
  op: Operator,
  value: Schema.optionalKey(JsonValue)
}
const OnKind = Schema.Struct({ property: Schema.Literals(["type", "priority"]), ...onProperty })

const Projects = Schema.Array(ProjectId).check(Schema.isMaxLength(1_000))
const OnProject = Schema.Union([
  Schema.Struct({
    property: Schema.Literal("project"),
    op: Schema.Literals(["eq", "ne"]),
    value: ProjectId
  }),
  Schema.Struct({ property: Schema.Literal("project"), op: Schema.Literal("in"), value: Projects }),
  Schema.Struct({ property: Schema.Literal("project"), op: Schema.Literals(["exists", "absent"]) })
])

/**
 * A demand of a worker on its jobs: that they bear a tag or do not (`{ "tag": "gdpr", "op": "absent" }`), or something of
 * their type, priority or project (`{ "property": "priority", "op": "gte", "value": 5 }`).
 */
export const Acceptance = Schema.Union([
  OnTag,
  OnKind.check(Schema.makeFilter((acceptance) => valueFits(acceptance))),
  OnProject
])
export type Acceptance = typeof Acceptance.Type

/** Whether a worker accepts jobs of this type and priority, whatever else they are. */
export const acceptsKind = (
  accepts: ReadonlyArray<Acceptance>,
  job: { readonly type: string; readonly priority: number }
): boolean =>
  accepts.every((one) => "tag" in one || one.property === "project" || holds(job[one.property], one))

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

const and = (accepted: AcceptedJobs, acceptance: Acceptance): AcceptedJobs => {
  if ("tag" in acceptance) {
    const { op, tag } = acceptance
    return op === "exists"
      ? { ...accepted, withTags: [...accepted.withTags, tag] }
      : { ...accepted, withoutTags: [...accepted.withoutTags, tag] }
  }
  if (acceptance.property !== "project") return accepted
  const only = (projects: ReadonlyArray<ProjectId>) => ({
    ...accepted,
    inOneOf: accepted.inOneOf?.filter((project) => projects.includes(project)) ?? projects
  })
  switch (acceptance.op) {
    case "eq":
      return only([acceptance.value])
    case "in":
      return only(acceptance.value)
    case "ne":
      return { ...accepted, inNoneOf: [...accepted.inNoneOf, acceptance.value] }
    case "exists":
    case "absent": {
      const isInProject = acceptance.op === "exists"
      // Both at once: there is no such job.
      return accepted.isInProject === !isInProject ? only([]) : { ...accepted, isInProject }
    }
  }
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
