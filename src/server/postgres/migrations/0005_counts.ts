/** The counts of jobs, which are kept as jobs change. */
import { statements } from "./statements.ts"

/**
 * `job_flow` says how many jobs of a type went from one status to another; an empty text stands for no job, before its
 * creation or after its deletion. All writers would wait for one another there, so each statement that changes jobs leaves
 * rows of its own in `job_flow_delta` (`queries/countedFlows`), which are added up later. What is read is the sum of both.
 * Triggers could not miss a change, but to compare all old rows with the new ones, they would cost claims and ends up to
 * a tenth more, most where batches are small.
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

  // The jobs of an earlier version.
  `insert into job_flow (type, before, after, count)
   select type, '', status, count(*) from job group by type, status`
])
