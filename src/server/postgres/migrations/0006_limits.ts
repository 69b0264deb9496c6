/** What limits and fairness between keys are decided upon. */
import { statements } from "./statements.ts"

/**
 * What is running is counted in an index, not kept in counters, which every claim and every end would have to lock. It has
 * the jobs that are running and no others, so it is small, and a claim and an end pay for one entry, whatever is limited:
 * as part of a type by its first column, of a fairness key by the second, and of a worker by passing over the others'.
 * What workers hold is found in it as well.
 * Whatever is running has an assignee: that it says so is for the planner, which would otherwise look up jobs by id in it
 * wherever they must be running.
 *
 * `begun_attempts` has what began of the types that have a rate limit, as long as it counts.
 */
export const limits = statements([
  `alter table job_group add column fairness_key text`,
  `create index job_running on job (type, fairness_key, assignee) 
    where status = 'processing' and assignee is not null`,
  `create table begun_attempts (
    type text not null,
    at timestamptz not null,
    count int not null,
    primary key (type, at)
  )`
])
