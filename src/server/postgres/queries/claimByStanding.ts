/** One of the two ways to claim: one statement finds the jobs and gives them. */
import { type DateTime, Effect } from "effect"
import { type AcceptedJobs, anyJob } from "../../../domain/matching/Acceptance.ts"
import { headStartOf } from "../../../domain/matching/Ageing.ts"
import type { Claimed, ClaimSource } from "../../../domain/jobs/Claim.ts"
import { timeOf } from "../../../domain/RecentTimes.ts"
import { type Database, type DatabaseError, millisecond } from "../Database.ts"
import { bigints, durations, floats, times } from "../parameters.ts"
import { acceptedParameters, statementsFor } from "./acceptedJobs.ts"
import {
  beginAttempts,
  type BegunRow,
  begunRows,
  meritOfSlot,
  type Slot,
  slotParameters,
  toGiven
} from "./beginAttempts.ts"

/**
 * How many jobs are looked at for `slots`: more than are wanted, for other servers may be taking the first of them. A
 * server that finds fewer of them free than it wanted tries again.
 */
const looksAt = (slots: number) => 2 * slots + 16

/** How many jobs of each of several sources are looked at first, to learn where those that matter end. */
const probes = (looksAt: number, sources: number) => Math.ceil(looksAt / sources)

const hasFailed = "job.failures + job.losses > 0 as has_failed"

/**
 * Gives the `first` jobs, which are in the order of `order`. One of those wanted that was failed before makes a difference
 * to who gets it: then nothing is given. Those after them are only there to take the place of what is not free.
 */
const giveFirst = (first: string, order: string, types: string, heads: string | null) => `
  candidate as materialized (
    select *, row_number() over (order by ${order}) as place from (${first}) as first
  ), undecided as materialized (
    select exists (select from candidate where has_failed and place <= $2::int) as undecided
  ), ${beginAttempts({
    candidates: "select * from candidate where not has_failed and not (select undecided from undecided)",
    known: [],
    slot: "row_number() over in_turn",
    ...meritOfSlot,
    undecided: "(select undecided from undecided)",
    heads,
    types
  })}`

// Most claims have one source. Its first jobs are those of the index, and all of one type. The parameters of both ways are,
// behind those of the slots: `$8` to `$12` the groups of the sources, their lease, max_run and pickup, and since when to look;
// `$13` how many to look at; then here the type, there the head starts and the probes; then those of what is accepted.
const ofOneSource = (accepted: string) => `
  with ${giveFirst(
    `
    select
      job.id, job.run_at, job.version, ${hasFailed},
      ($9::float8[])[1] as lease, ($10::float8[])[1] as max_run, ($11::float8[])[1] as pickup
    from job
    where job.group_id = ($8::bigint[])[1] and job.status = 'pending'
      and job.run_at >= coalesce(($12::timestamptz[])[1], '-infinity') ${accepted}
    order by job.run_at, job.id
    limit $13::int`,
    "run_at, id",
    "select $14::text as type from begun",
    null
  )}`

// A source that is not among the candidates that are left has nothing before the last of them, if it has anything.
const leftOfSources = `(
  select
    json_agg(json_build_object(
      'group', source.group_id::float8,
      'standing', extract(epoch from coalesce(remaining.standing, last.standing + ${millisecond})) * 1000
    ))
  from source
  cross join (select max(standing) as standing from candidate) as last
  left join (
    select group_id, min(standing) as standing
    from candidate
    where id not in (select id from given)
    group by group_id
  ) as remaining on remaining.group_id = source.group_id
)`

// With many sources most have no job among the first of all. So each tells its first few: the standing of the last of as
// many as are wanted is the horizon, for at least so many come before it. Each source then gives its jobs up to the horizon,
// in the order of the index.
const ofManySources = (accepted: string) => `
  with source as (
    select
      group_id, head_start * ${millisecond} as head_start, lease, max_run, pickup,
      coalesce(since, '-infinity') as since
    from unnest($8::bigint[], $9::float8[], $10::float8[], $11::float8[], $12::timestamptz[], $14::float8[])
      as source (group_id, lease, max_run, pickup, since, head_start)
  ), horizon as materialized (
    select job.run_at - source.head_start as standing
    from source
    cross join lateral (
      select job.run_at
      from job
      where job.group_id = source.group_id and job.status = 'pending' and job.run_at >= source.since ${accepted}
      order by job.run_at, job.id
      limit $15::int
    ) as job
    order by standing
    offset $13::int - 1
    limit 1
  ), bounded_source as (
    select source.*, coalesce(horizon.standing + source.head_start, 'infinity') as until
    from source
    left join horizon on true
  ), ${giveFirst(
    `
    select
      job.id, job.version, job.has_failed, job.run_at - source.head_start as standing,
      source.group_id, source.lease, source.max_run, source.pickup
    from bounded_source as source
    cross join lateral (
      select job.id, job.run_at, job.version, ${hasFailed}
      from job
      where job.group_id = source.group_id and job.status = 'pending'
        and job.run_at between source.since and source.until ${accepted}
      order by job.run_at, job.id
      limit $13::int
    ) as job
    order by standing, job.id
    limit $13::int`,
    "standing, id",
    "select type from given",
    leftOfSources
  )}`

const oneSourceStatement = statementsFor(ofOneSource, 15)
const manySourcesStatement = statementsFor(ofManySources, 16)

/** What is known of the first jobs: nothing, if one of them was failed before, which makes a difference to who gets it. */
type ClaimedByStanding = Pick<Claimed, "jobs" | "contended" | "heads"> & { readonly undecided: boolean }

/** The first jobs that are left of the sources, as far as the rows tell. */
const headsIn = (
  rows: ReadonlyArray<typeof BegunRow.Type>,
  sources: ReadonlyArray<ClaimSource>
): Claimed["heads"] => {
  const groups = new Map(sources.map(({ group }) => [group.id, group]))
  const told = rows.flatMap(({ heads }) => heads ?? [])
  return told.flatMap(({ group: id, standing }) => {
    const group = groups.get(id)
    return group === undefined || standing === null
      ? []
      : [{ group: id, runAt: timeOf(Math.round(standing) + headStartOf(group.priority)) }]
  })
}

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
  const [first] = sources
  const ofAll = [
    ...slotParameters(slots),
    bigints(sources.map(({ group }) => group.id)),
    durations(sources.map(({ lease }) => lease)),
    durations(sources.map(({ maxRun }) => maxRun)),
    durations(sources.map(({ pickup }) => pickup)),
    times(since),
    wanted
  ]
  const rows = yield* first !== undefined && sources.length === 1
    ? database.queryAtTime(begunRows, oneSourceStatement(accepted), [
        ...ofAll,
        first.group.type,
        ...acceptedParameters(accepted)
      ])
    : database.queryAtTime(begunRows, manySourcesStatement(accepted), [
        ...ofAll,
        floats(sources.map(({ group }) => headStartOf(group.priority))),
        probes(wanted, sources.length),
        ...acceptedParameters(accepted)
      ])
  return rows[0]?.undecided === true
    ? { jobs: [], contended: false, heads: [], undecided: true }
    : {
        ...toGiven(rows, slots, sources),
        // Of jobs that only some accept, the first that is left need not be the first of its group.
        heads: accepted === anyJob ? headsIn(rows, sources) : [],
        undecided: false
      }
})
