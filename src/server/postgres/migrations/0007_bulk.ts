/** What people change of jobs by hand, one by one or many at once, and how long jobs are kept. */
import { statements } from "./statements.ts"

/**
 * A `job_amendment` keeps what a change by hand replaced and the status and time that it made, for the past of a job to
 * be told.
 */
export const bulk = statements([
  `create table job_amendment (
    job_id uuid not null,
    version int not null,
    group_id bigint not null,
    run_at timestamptz not null,
    status text not null,
    tags text[] not null,
    primary key (job_id, version)
  )`
])
