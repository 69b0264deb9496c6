/** Projects: sets of jobs that are followed, closed and cancelled together. */
import { statements } from "./statements.ts"

/**
 * The counts `done`, `failed` and `cancelled` of `project` are those that it finished with; until then they are null. A
 * cancel request is `{ by, reason }`. `kept_until` is when a finished project is next considered for deletion.
 *
 * `project_count` says how many jobs a project has, for all changes that are not in `job_flow_delta` any more. Active are
 * those that are pending or processing: claims do not say from which projects they take jobs, and those that run, which are
 * no more than there are workers for, are found by index.
 */
export const projects = statements([
  `create table project (
    id uuid primary key,
    created_at timestamptz not null,
    closed_at timestamptz,
    finished_at timestamptz,
    kept_until timestamptz,
    done int,
    failed int,
    cancelled int,
    name text not null,
    created_by text,
    metadata json not null,
    cancel_request json
  )`,
  `create index project_closing on project (closed_at) where closed_at is not null and finished_at is null`,
  `create index project_kept on project (kept_until) where kept_until is not null`,
  `create index job_project_status on job (project, status) where project is not null`,
  `create table project_count (
    project uuid primary key,
    scheduled int not null,
    active int not null,
    done int not null,
    failed int not null,
    cancelled int not null
  )`,
  `alter table job_flow_delta add column project uuid`,
  `create index job_flow_delta_project on job_flow_delta (project) where project is not null`,

  // Of an earlier version, in which any id could be named.
  `insert into project (id, created_at, name, metadata)
   select project, min(created_at), project::text, '{}' from job where project is not null group by project`,
  `insert into project_count (project, scheduled, active, done, failed, cancelled)
   select
     project, count(*) filter (where status = 'scheduled'),
     count(*) filter (where status in ('pending', 'processing')), count(*) filter (where status = 'done'),
     count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled')
   from job where project is not null group by project`,

  `alter table idempotency_key add column project uuid`,
  `alter table bulk_action add column reason text`
])
