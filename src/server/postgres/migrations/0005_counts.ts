/** The counts of jobs, which are kept as jobs change. */
import { statements } from "./statements.ts"

// Whatever the rows were known to be when it was planned: the new and the old rows of a batch are matched by a hash, for a
// loop over both would be slow for a batch, and by the statement's own settings there would be no other way.
const countingChanges = `
  create function count_changed_jobs() returns trigger language plpgsql
  set enable_hashjoin = on set enable_nestloop = off
  as $$
    begin
      insert into job_flow_delta (type, before, after, count)
      select job_after.type, job_before.status, job_after.status, count(*)
      from job_before
      join job_after using (id)
      where job_before.status <> job_after.status
      group by job_after.type, job_before.status, job_after.status;
      return null;
    end
  $$`

const countingOne = (name: string, before: string, after: string, rows: string) => `
  create function ${name}() returns trigger language plpgsql as $$
    begin
      insert into job_flow_delta (type, before, after, count)
      select type, ${before}, ${after}, count(*) from ${rows} group by type, status;
      return null;
    end
  $$`

/**
 * `job_flow` says how many jobs of a type went from one status to another; an empty text stands for no job, before its
 * creation or after its deletion. All writers would wait for one another there, so each statement that changes jobs leaves
 * rows of its own in `job_flow_delta`, which are added up later. What is read is the sum of both.
 *
 * The rows of `job_flow_delta` come and go all the time: they are vacuumed before there are many dead ones, and the file is
 * not cut, for which everybody would have to wait.
 */
export const counts = statements([
  `create table job_flow (
    type text not null,
    before text not null,
    after text not null,
    count bigint not null,
    primary key (type, before, after)
  ) with (fillfactor = 50)`,
  `create table job_flow_delta (
    type text not null,
    before text not null,
    after text not null,
    count bigint not null
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = off)`,

  countingOne("count_created_jobs", "''", "status", "job_after"),
  countingOne("count_deleted_jobs", "status", "''", "job_before"),
  countingChanges,
  `create trigger count_created after insert on job
    referencing new table as job_after for each statement execute function count_created_jobs()`,
  `create trigger count_deleted after delete on job
    referencing old table as job_before for each statement execute function count_deleted_jobs()`,
  `create trigger count_changed after update on job
    referencing old table as job_before new table as job_after
    for each statement execute function count_changed_jobs()`,

  // The jobs of an earlier version.
  `insert into job_flow (type, before, after, count)
   select type, '', status, count(*) from job group by type, status`
])
