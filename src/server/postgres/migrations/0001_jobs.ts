/** Jobs, their attempts and what workers say of them. */
import { statements } from "./statements.ts"

/**
 * A job is spread over several tables by how often they are written: `job` is small and updated a few times in its life,
 * `job_payload` is written once, `attempt` is updated with every sign of life, so it has no index on what those change.
 *
 * JSON is kept as `json`, not `jsonb`, and progress as bytes, because neither `jsonb` nor `text` can hold U+0000. Lengths
 * of time are in milliseconds. There are no foreign keys: they would lock rows of `job_group` that all writers share.
 *
 * The end of an attempt is written to no index, either, if there is room for it on the same page. Of those that begin
 * together many end together, so half of each page is left for it.
 *
 * A `job_group` is never deleted, whether it has jobs or not, and the servers rely on it: they remember groups by id and
 * by key, insert jobs into those they remember, and take a missing one for a defect. Who makes ever new priorities or
 * constraints therefore leaves a row for each, for good. To delete those without jobs, a server would have to lock each
 * against the insertion of jobs (which would then look whether the group still exists, and make it anew), and `JobGroups`
 * and `ClaimStarts` would have to forget it on every server.
 */
export const jobs = statements([
  `create table job_group (
    id bigint generated always as identity primary key,
    key text not null unique,
    type text not null,
    priority int not null,
    constraints json not null
  )`,

  `create table job (
    id uuid primary key,
    group_id bigint not null,
    run_at timestamptz not null,
    first_run_at timestamptz not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    expires_in bigint,
    expires_at timestamptz,
    check_at timestamptz,
    lease bigint,
    max_run bigint,
    version int not null,
    attempts int not null default 0,
    failures int not null default 0,
    losses int not null default 0,
    max_attempts int,
    attempt uuid,
    parameters_size int not null,
    project uuid,
    status text not null
      check (status in ('scheduled', 'pending', 'processing', 'done', 'failed', 'cancelled')),
    reason text check (reason in ('expired', 'cancelled')),
    type text not null,
    assignee text,
    fairness_key text,
    tags text[] not null
  ) with (fillfactor = 85)`,
  `create index job_pending on job (group_id, run_at, id) where status = 'pending'`,
  `create index job_scheduled on job (run_at) where status = 'scheduled'`,
  `create index job_expiring on job (expires_at)
    where expires_at is not null and status in ('scheduled', 'pending', 'processing')`,
  // Of what is running, which has such a time: that it says so is for the planner, which would otherwise look up jobs by id
  // in it wherever they must be running.
  `create index job_check on job (check_at) where status = 'processing' and check_at is not null`,
  // For lists. None begins with the worker, for that would cost each claim more than it helps: such a list is read from
  // the newest job on. That of the types has all jobs, and a condition for the sake of the planner, which would otherwise
  // look up jobs by id in it as soon as in their key's, while the table is empty.
  `create index job_type on job (type, id) where type <> ''`,
  `create index job_done on job (id) where status = 'done'`,
  `create index job_dead on job (id) where status in ('failed', 'cancelled')`,
  `create index job_project on job (project, id) where project is not null`,
  `create index job_tags on job using gin (tags) where tags <> '{}'`,

  `create table job_payload (
    job_id uuid primary key,
    parameters json not null
  )`,

  `create table attempt (
    id uuid primary key,
    job_id uuid not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    lease bigint not null,
    lease_expires_at timestamptz not null,
    pickup_by timestamptz,
    max_run bigint not null,
    run_until timestamptz not null,
    cancel_at timestamptz,
    next_run_at timestamptz,
    mark bigint not null default 0,
    percent float8,
    number int not null,
    started_version int not null,
    ended_version int,
    outcome text check (outcome in ('done', 'failed', 'lost', 'timed-out', 'cancelled', 'released')),
    worker text not null,
    message text,
    checkpoint json,
    result json,
    error json
  ) with (fillfactor = 50)`,
  `create index attempt_job on attempt (job_id)`,

  `create table progress_event (
    attempt_id uuid not null,
    id bigint not null,
    job_id uuid not null,
    event text not null,
    data bytea not null,
    primary key (attempt_id, id)
  )`,

  `create table job_retry (
    job_id uuid not null,
    version int not null,
    at timestamptz not null,
    status text not null,
    finished_at timestamptz,
    reason text,
    primary key (job_id, version)
  )`,

  `create table idempotency_key (
    key text primary key,
    fingerprint text not null,
    jobs uuid[] not null,
    created_at timestamptz not null
  )`,
  `create index idempotency_key_age on idempotency_key (created_at)`
])
