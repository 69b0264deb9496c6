import { type DateTime, Effect } from "effect"
import { headStartOf } from "../../../domain/Ageing.ts"
import type { Claim, Claimed } from "../../../domain/JobRepo.ts"
import { type Database, type DatabaseError, millisecond } from "../Database.ts"
import { bigints, durations, floats, times } from "../parameters.ts"
import { acceptedTags, tagParameters } from "./acceptedTags.ts"
import { beginAttempts, begunRows, slotParameters, toGiven } from "./beginAttempts.ts"

/**
 * How many jobs are looked at for `slots`: more than are wanted, for other servers may be taking the first of them. A
 * server that finds fewer of them free than it wanted tries again.
 */
export const looksAt = (slots: number) => 2 * slots + 16

/** How many jobs of each of several sources are looked at first, to learn where those that matter end. */
const probes = (looksAt: number, sources: number) => (sources === 1 ? 1 : Math.ceil(looksAt / sources))

// With many sources most have no job among the first of all. So each tells its first few: the standing of the last of as
// many as are wanted is the horizon, for at least so many come before it. Each source then gives its jobs up to the horizon,
// in the order of the index.
const statement = (accepts: string) => `
  with source as (
    select
      group_id, head_start * ${millisecond} as head_start, lease, max_run, pickup,
      coalesce(since, '-infinity') as since
    from unnest($6::bigint[], $7::float8[], $8::float8[], $9::float8[], $10::float8[], $11::timestamptz[])
      as source (group_id, head_start, lease, max_run, pickup, since)
  ), horizon as materialized (
    select job.run_at - source.head_start as standing
    from source
    cross join lateral (
      select job.run_at
      from job
      where job.group_id = source.group_id and job.status = 'pending' and job.run_at >= source.since ${accepts}
      order by job.run_at, job.id
      limit $12::int
    ) as job
    order by standing
    offset $13::int - 1
    limit 1
  ), bounded_source as (
    select source.*, coalesce(horizon.standing + source.head_start, 'infinity') as until
    from source
    left join horizon on true
  ), first as (
    select
      job.id, job.version, job.run_at - source.head_start as standing, source.lease, source.max_run, source.pickup
    from bounded_source as source
    cross join lateral (
      select job.id, job.run_at, job.version
      from job
      where job.group_id = source.group_id and job.status = 'pending'
        and job.run_at between source.since and source.until ${accepts}
      order by job.run_at, job.id
      limit $13::int
    ) as job
    order by standing, job.id
    limit $13::int
  ), candidate as materialized (
    select *, row_number() over (order by standing, id) as place from first
  ), ${beginAttempts}`

const ofAnyTags = statement("")
const ofAcceptedTags = statement(acceptedTags("$14", "$15"))

/** Gives the jobs of sources without limits and fairness keys, by their standing, looking for those due `since` a time. */
export const claimByStanding = Effect.fnUntraced(function* (
  database: Database,
  { accepts, slots, sources }: Claim,
  since: ReadonlyArray<DateTime.Utc | null>
): Effect.fn.Return<Claimed, DatabaseError> {
  const wanted = looksAt(slots.length)
  const parameters = [
    ...slotParameters(slots),
    bigints(sources.map(({ group }) => group.id)),
    floats(sources.map(({ group }) => headStartOf(group.priority))),
    durations(sources.map(({ lease }) => lease)),
    durations(sources.map(({ maxRun }) => maxRun)),
    durations(sources.map(({ pickup }) => pickup)),
    times(since),
    probes(wanted, sources.length),
    wanted
  ]
  const rows = yield* accepts.length === 0
    ? database.queryAtTime(begunRows, ofAnyTags, parameters)
    : database.queryAtTime(begunRows, ofAcceptedTags, [...parameters, ...tagParameters(accepts)])
  return { ...toGiven(rows, slots, sources), reached: [] }
})
