/** What is known of workers, and what they are kept from. */
import { statements } from "./statements.ts"

/**
 * Names of workers have one collation in all tables: a key in another could not be looked up by them. Lengths of time are
 * in milliseconds. `types` and `skills` are null until the worker has asked for jobs.
 */
export const workers = statements([
  `create table worker (
    name text collate "C" primary key,
    state text not null default 'active' check (state in ('active', 'paused', 'banned')),
    reason text,
    changed_by text,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz,
    is_present boolean not null default false,
    types text[],
    skills json
  )`,
  `create index worker_restricted on worker (name) where state <> 'active'`,
  `create index worker_present on worker (last_seen_at) where is_present`,
  `create index worker_gone on worker (last_seen_at) where not is_present and state = 'active'`,

  `create table worker_record (
    worker text collate "C" not null,
    type text not null,
    done bigint not null,
    failed bigint not null,
    lost bigint not null,
    runs float8[] not null,
    primary key (worker, type)
  )`,

  `create table worker_failure (
    worker text collate "C" not null,
    type text not null,
    at timestamptz not null
  )`,
  `create index worker_failure_of on worker_failure (worker, type, at)`,
  `create index worker_failure_age on worker_failure (at)`,

  `create table worker_quarantine (
    worker text collate "C" not null,
    type text not null,
    until timestamptz not null,
    primary key (worker, type)
  )`,
  `create index worker_quarantine_end on worker_quarantine (until)`
])
