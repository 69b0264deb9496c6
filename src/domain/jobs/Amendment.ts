/** What can be changed of a job that is not finished. */
import { type Duration, Equal, Schema, Struct } from "effect"
import type { JobId } from "../Identifiers.ts"
import { type JobRecord, NewJob } from "./Job.ts"
import { type JobGroup, relaxTimes } from "../matching/Matching.ts"

/** What is to be changed, as a client sends it. What is not given stays as it is. */
export const Amendment = Schema.Struct(
  Struct.pick(NewJob.fields, ["priority", "runAt", "tags", "constraints"])
)
  .check(
    Schema.makeFilter(
      (amendment) =>
        Object.keys(amendment).length > 0 || "must change something: priority, runAt, tags or constraints"
    )
  )
  .annotate({ identifier: "Amendment" })
export type Amendment = typeof Amendment.Type

/** A wish to change a job that is not finished. */
export interface JobAmending {
  readonly job: JobId
  readonly amendment: Amendment
}

/** A job as it was changed. */
export interface Amended {
  readonly job: JobRecord
  /** How long it was to be pending for constraints to be relaxed that are new to it, where `relaxed` has come past that. */
  readonly relaxed: ReadonlyArray<Duration.Duration>
}

/** The properties of the group that a job of this one belongs to from now on. */
export const amendedGroup = (
  group: Omit<JobGroup, "id">,
  { constraints = group.constraints, priority = group.priority }: Amendment
): Omit<JobGroup, "id"> => ({ ...group, priority, constraints })

/** The lengths of time after which constraints are relaxed that the jobs of a group did not have before, as `relaxTimes`. */
export const newRelaxTimes = (
  { constraints: before }: Omit<JobGroup, "id">,
  group: JobGroup
): ReadonlyArray<number> =>
  relaxTimes({
    ...group,
    constraints: group.constraints.filter((one) => !before.some((other) => Equal.equals(one, other)))
  })
