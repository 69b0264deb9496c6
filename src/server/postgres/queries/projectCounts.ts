/** How many jobs a project has, kept as its jobs change: see `0009_projects`. */
import { isKey } from "../Database.ts"

/** Jobs by status, where those that are pending or processing count as active. */
export const projectCounts = ["scheduled", "active", "done", "failed", "cancelled"] as const

const isCountedAs = {
  scheduled: (status: string) => `${status} = 'scheduled'`,
  active: (status: string) => `${status} in ('pending', 'processing')`,
  done: (status: string) => `${status} = 'done'`,
  failed: (status: string) => `${status} = 'failed'`,
  cancelled: (status: string) => `${status} = 'cancelled'`
} as const

/** What flows of jobs, as in `job_flow_delta`, add to each of the counts. */
export const sumsOfFlows = projectCounts
  .map((count) => {
    const isCounted = isCountedAs[count]
    return `coalesce(sum(count * ((${isCounted("after")})::int - (${isCounted("before")})::int)), 0)::int as ${count}`
  })
  .join(", ")

const addedUp = projectCounts.map((count) => `sum(${count})::int as ${count}`).join(", ")

/** The counts of the jobs of a project, found by the project: the sum of what was rolled up and what was not. */
export const countsOf = (project: string) => `
  select ${addedUp}
  from (
    select ${projectCounts.join(", ")} from project_count where ${isKey("project_count.project", project)}
    union all
    select ${sumsOfFlows} from job_flow_delta where ${isKey("job_flow_delta.project", project)}
  ) as part`
