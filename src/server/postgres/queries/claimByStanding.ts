/** One of the two ways to claim: one statement finds the jobs and gives them. */
import { type DateTime, Effect } from "effect"
import type { AcceptedJobs } from "../../../domain/matching/Acceptance.ts"
import { headStartOf } from "../../../domain/matching/Ageing.ts"
import type { Claimed, ClaimSource } from "../../../domain/jobs/Claim.ts"
import { type Database, type DatabaseError, millisecond } from "../Database.ts"
import { bigints, durations, floats, times } from "../parameters.ts"
import { acceptedParameters, statementsFor } from "./acceptedJobs.ts"
import { beginAttempts, begunRows, type Slot, slotParameters, toGiven } from "./beginAttempts.ts"

/**
 * How many jobs are looked at for `slots`: more than are wanted, for other servers may be taking the first of them. A
 * server that finds fewer of them free than it wanted tries again.
 */
const looksAt = (slots: number) => 2 * slots + 16

/** How many jobs of each of several sources are looked at first, to learn where those that matter end. */
const probes = (looksAt: number, sources: number) => (sources === 1 ? 1 : Math.ceil(looksAt / sources))

// With many sources most have no job among the first of all. So each tells its first few: the standing of the last of as
// many as are wanted is the horizon, for at least so many come before it. Each source then gives its jobs up to the horizon,
// in the order of the index.
const statement = (accepted: string) => `
  with source as (
    select
      group_id, head_start * ${millisecond} as head_start, lease, max_run, pickup,
      coalesce(since, '-infinity') as since
    from unnest($8::bigint[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::timestamptz[])
      as source (group_id, head_start, lease, max_run, pickup, since)
  ), horizon as materialized (
    select job.run_at - source.head_start as standing
    from source
    cross join lateral (
      select job.run_at
      from job
      where job.group_id = source.group_id and job.status = 'pending' and job.run_at >= source.since ${accepted}
      order by job.run_at, job.id
      limit $14::int
    ) as job
    order by standing
    offset $15::int - 1
    limit 1
  ), bounded_source as (
    select source.*, coalesce(horizon.standing + source.head_start, 'infinity') as until
    from source
    left join horizon on true
  ), first as (
    select
      job.id, job.version, job.has_failed, job.run_at - source.head_start as standing,
      source.lease, source.max_run, source.pickup
    from bounded_source as source
    cross join lateral (
      select job.id, job.run_at, job.version, job.failures + job.losses > 0 as has_failed
      from job
      where job.group_id = source.group_id and job.status = 'pending'
        and job.run_at between source.since and source.until ${accepted}
      order by job.run_at, job.id
      limit $15::int
    ) as job
    order by standing, job.id
    limit $15::int
  ), numbered_first as materialized (
    select *, row_number() over (order by standing, id) as place from first
  ), undecided as materialized (
    select exists (select from numbered_first where has_failed and place <= $2::int) as undecided
  ), candidate as materialized (
    select
      numbered_first.*, 1 as first_slot, $2::int as slots, null::float8 as score, null::text as runners_up
    from numbered_first, undecided
    where not undecided.undecided and not has_failed
  ), ${beginAttempts("(select undecided from undecided)")}`

const statementOf = statementsFor(statement, 16)

/** What is known of the first jobs: nothing, if one of them was failed before, which makes a difference to who gets it. */
type ClaimedByStanding = Pick<Claimed, "jobs" | "contended"> & { readonly undecided: boolean }

/**
 * Gives jobs by their standing alone, to the slots in their order, looking for those due `since` a time: from sources
 * without limits and fairness keys, all of whose jobs suit each of those who ask as well as any other.
 */
export const claimByStanding = Effect.fnUntraced(function* (
  database: Database,
  accepted: AcceptedJobs,
  sources: ReadonlyArray<ClaimSource>,
  slots: ReadonlyArray<Slot>,
  since: ReadonlyArray<DateTime.Utc | null>
): Effect.fn.Return<ClaimedByStanding, DatabaseError> {
  const wanted = looksAt(slots.length)
  const rows = yield* database.queryAtTime(begunRows, statementOf(accepted), [
    ...slotParameters(slots),
    bigints(sources.map(({ group }) => group.id)),
    floats(sources.map(({ group }) => headStartOf(group.priority))),
    durations(sources.map(({ lease }) => lease)),
    durations(sources.map(({ maxRun }) => maxRun)),
    durations(sources.map(({ pickup }) => pickup)),
    times(since),
    probes(wanted, sources.length),
    wanted,
    ...acceptedParameters(accepted)
  ])
  return { ...toGiven(rows, slots, sources), undecided: rows[0]?.undecided ?? false }
})
