/** What people change of jobs by hand, one by one or many at once, and how long jobs are kept. */
import { statements } from "./statements.ts"

/**
 * A `job_amendment` keeps what a change by hand replaced and the status and time that it made, for the past of a job to
 * be told. A `duty_mark` says up to which moment, and which job at that moment, a duty has
 * told of all jobs.
 *
 * The indexes on the ages of finished jobs are paid for once, at the end of a job: one narrow entry more, at the right end of
 * its type's. Their conditions are spelled unlike those of other indexes on finished jobs, so that none of these fits a
 * statement that needs the ages: the planner would prefer a small one and keep to it while it grows.
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

  `create index job_done_age on job (type, finished_at)
    where finished_at is not null and status not in ('failed', 'cancelled')`,
  `create index job_dead_age on job (type, finished_at) where finished_at is not null and status <> 'done'`,

  `create table duty_mark (name text primary key, at timestamptz not null, job_id uuid not null)`,
  `insert into duty_mark values ('unclaimed', '-infinity', '00000000-0000-0000-0000-000000000000')`
])
