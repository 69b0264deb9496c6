/** What people change of jobs by hand, one by one or many at once, and how long jobs are kept. */
import { statements } from "./statements.ts"

/**
 * A `job_amendment` keeps what a change by hand replaced and the status and time that it made, for the past of a job to
 * be told. Up to the `unclaimed_mark` all jobs that no worker claims in time were told of; it is one row.
 *
 * The indexes on the ages of finished jobs are paid for once, at the end of a job: one narrow entry more, at the right end of
 * its type's.
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
  )`,

  `create table bulk_action (
    id uuid primary key,
    created_at timestamptz not null,
    finished_at timestamptz,
    busy_until timestamptz not null,
    matched int not null,
    done int not null default 0,
    cursor uuid,
    action text not null check (action in ('retry', 'cancel')),
    asked_by text,
    filter json not null
  )`,
  `create index bulk_action_open on bulk_action (busy_until) where finished_at is null`,
  `create index bulk_action_finished on bulk_action (finished_at) where finished_at is not null`,

  `create index job_done_age on job (type, finished_at) where status = 'done'`,
  `create index job_dead_age on job (type, finished_at) where status in ('failed', 'cancelled')`,

  `create table unclaimed_mark (at timestamptz not null, job_id uuid not null)`,
  `insert into unclaimed_mark values ('-infinity', '00000000-0000-0000-0000-000000000000')`
])
