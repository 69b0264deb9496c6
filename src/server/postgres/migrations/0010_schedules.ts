/** Jobs that are created again and again, by the clock. */
import { statements } from "./statements.ts"

/**
 * Each change and each firing gives a schedule another version from the sequence, also after it was deleted and made anew:
 * who decides upon a version can be sure that nobody else has.
 */
export const schedules = statements([
  `create sequence schedule_version`,
  `create table schedule (
    name text collate "C" primary key,
    version bigint not null default nextval('schedule_version'),
    next_tick timestamptz,
    last_tick timestamptz,
    fired_at timestamptz,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    last_job uuid,
    changed_by text,
    rules json not null
  )`,
  `create index schedule_due on schedule (next_tick) where next_tick is not null`,

  `alter table job add column schedule text`,
  `create index job_schedule on job (schedule, id) where schedule is not null`,
  `create index job_schedule_unfinished on job (schedule, id)
    where schedule is not null and status in ('scheduled', 'pending', 'processing')`
])
