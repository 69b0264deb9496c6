/** Projects: sets of jobs that are followed, closed and cancelled together. */
import { statements } from "./statements.ts"

/**
 * The counts `done`, `failed` and `cancelled` are those of a finished project, which has no other jobs; of any other they
 * are null, and counted when somebody asks, through the index `job_project_status` alone where the table's pages are known
 * to be settled. A cancel request is `{ by, reason }`. `kept_until` is when a finished project is next considered for
 * deletion.
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

  // Of an earlier version, in which any id could be named.
  `insert into project (id, created_at, name, metadata)
   select project, min(created_at), project::text, '{}' from job where project is not null group by project`,

  `alter table idempotency_key add column project uuid`,
  `alter table bulk_action add column reason text`
])
