/** Conditions on jobs, by which they are listed and decided upon together. */
import { Schema } from "effect"
import { type JobId, Name, ProjectId, Tag } from "../Identifiers.ts"
import { JobStatus } from "./Job.ts"

/** All that are given must hold. `assignee` is the worker that has the job, or had it when it finished. */
export const JobConditions = Schema.Struct({
  type: Schema.optionalKey(Name),
  status: Schema.optionalKey(JobStatus),
  project: Schema.optionalKey(ProjectId),
  assignee: Schema.optionalKey(Name),
  tag: Schema.optionalKey(Tag),
  /** The name of the schedule that created the job, by the clock or by hand, though the schedule be deleted since. */
  schedule: Schema.optionalKey(Name)
})
export type JobConditions = {
  readonly [Field in keyof typeof JobConditions.Type]?: (typeof JobConditions.Type)[Field] | undefined
}

/** Which jobs to list, newest first. */
export interface JobFilter extends JobConditions {
  /** Lists the jobs that are older than this one. */
  readonly before?: JobId | undefined
  readonly limit: number
}
