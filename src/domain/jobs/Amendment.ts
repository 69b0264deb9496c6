/** What can be changed of a job that is not finished. */
import { Equal, Schema, Struct } from "effect"
import { NewJob } from "./Job.ts"
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
