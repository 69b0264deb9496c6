import { Clock, type DateTime, Effect, Schema } from "effect"
import type { AttemptId } from "../../../domain/Identifiers.ts"
import { type Claim, type Claimed, type ClaimedJob, largestAnswer } from "../../../domain/JobRepo.ts"
import type { Acceptance } from "../../../domain/Matching.ts"
import type { ClaimStarts } from "../ClaimStarts.ts"
import { type Database, type DatabaseError, isKey, millisecond, now, rowsOf } from "../Database.ts"
import { bigints, durations, integers, texts, times, uuids } from "../parameters.ts"
import { givenColumns, GivenRow, toClaimedJob } from "./givenRows.ts"

const FoundRow = Schema.Struct({ candidates: Schema.Number, ...GivenRow.fields })
const NothingRow = Schema.Struct({ candidates: Schema.Number, id: Schema.Null })
const claimRows = rowsOf(Schema.Union([FoundRow, NothingRow]))

/**
 * How many jobs are looked at for `slots`: more than are wanted, for other servers may be taking the first of them. A
 * server that finds fewer of them free than it wanted tries again.
 */
const looksAt = (slots: number) => 2 * slots + 16

/** How many jobs of each of several sources are looked at first, to learn where those that matter end. */
const probes = (looksAt: number, sources: number) => (sources === 1 ? 1 : Math.ceil(looksAt / sources))

// With many sources most have no job among the first of all. So each tells its first few: the last of as many as are
// wanted is the horizon, for at least so many come before it. Each source then gives its jobs up to the horizon, in the
// order of the index. The first of all of these are locked, and what another server has locked or changed in the meantime
// is passed over. What is read of a job beside the lock is as old as the statement, so the version must still be the one
// that was read: the last attempt is that of this version. What is too much to be given at once stays where it is.
const statement = (accepts: string) => `
  with source as (
    select group_id, priority, lease, max_run, pickup, coalesce(since, '-infinity') as since
    from unnest($2::bigint[], $3::int[], $4::float8[], $5::float8[], $6::float8[], $13::timestamptz[])
      as source (group_id, priority, lease, max_run, pickup, since)
  ), horizon as materialized (
    select source.priority, job.run_at
    from source
    cross join lateral (
      select job.run_at
      from job
      where job.group_id = source.group_id and job.status = 'pending' and job.run_at >= source.since ${accepts}
      order by job.run_at, job.id
      limit $12::int
    ) as job
    order by source.priority desc, job.run_at
    offset $7::int - 1
    limit 1
  ), bounded_source as (
    select
      source.*,
      case
        when source.priority < horizon.priority then '-infinity'
        when source.priority = horizon.priority then horizon.run_at
        else 'infinity'
      end as until
    from source
    left join horizon on true
  ), candidate as materialized (
    select job.id, job.run_at, job.version, source.priority, source.lease, source.max_run, source.pickup
    from bounded_source as source
    cross join lateral (
      select job.id, job.run_at, job.version
      from job
      where job.group_id = source.group_id and job.status = 'pending'
        and job.run_at between source.since and source.until ${accepts}
      order by job.run_at, job.id
      limit $7::int
    ) as job
    order by source.priority desc, job.run_at, job.id
    limit $7::int
  ), taken as materialized (
    select
      candidate.id, candidate.version, candidate.priority, candidate.run_at, candidate.lease, candidate.pickup,
      job.attempts, job.attempt, job.lease as job_lease, coalesce(job.max_run, candidate.max_run) as max_run,
      job.parameters_size
    from (select * from candidate order by priority desc, run_at, id) as candidate
    cross join lateral (
      select job.attempts, job.attempt, job.lease, job.max_run, job.parameters_size
      from job
      where job.id = candidate.id and job.version = candidate.version
      for update skip locked
    ) as job
    limit $8::int
  ), given as (
    select
      numbered.*, ($9::uuid[])[place] as new_attempt, ($10::text[])[place] as worker,
      least(coalesce(($11::float8[])[place], job_lease, lease), max_run) as new_lease
    from (
      select
        *, row_number() over in_turn as place, sum(parameters_size) over in_turn - parameters_size as given_before
      from taken
      window in_turn as (order by priority desc, run_at, id)
    ) as numbered
    where given_before < ${largestAnswer.claim}
  ), begun as (
    insert into attempt (
      id, job_id, number, worker, started_at, lease, lease_expires_at, pickup_by, max_run, run_until, check_at,
      checkpoint, started_version
    )
    select
      given.new_attempt, given.id, given.attempts + 1, given.worker, ${now},
      given.new_lease, ${now} + given.new_lease * ${millisecond}, ${now} + given.pickup * ${millisecond},
      given.max_run, ${now} + given.max_run * ${millisecond},
      ${now} + least(given.new_lease, given.pickup, given.max_run) * ${millisecond},
      previous.checkpoint, given.version + 1
    from given
    left join attempt as previous on ${isKey("previous.id", "given.attempt")}
    returning attempt.*
  ), started as (
    update job
    set
      status = 'processing', version = attempt.started_version, attempts = attempt.number, attempt = attempt.id,
      started_at = coalesce(job.started_at, attempt.started_at), assignee = attempt.worker
    from begun as attempt
    left join job_payload on ${isKey("job_payload.job_id", "attempt.job_id")}
    where ${isKey("job.id", "attempt.job_id")}
    returning ${givenColumns}
  )
  select seen.candidates, started.*
  from (select count(*)::int as candidates from candidate) as seen
  left join started on true`

const ofAnyTags = statement("")
const ofAcceptedTags = statement("and job.tags @> $14::text[] and not job.tags && $15::text[]")

const claimSince = Effect.fnUntraced(function* (
  database: Database,
  { accepts, slots, sources }: Claim,
  since: ReadonlyArray<DateTime.Utc | null>
): Effect.fn.Return<Claimed, DatabaseError> {
  const wanted = looksAt(slots.length)
  const parameters = [
    bigints(sources.map(({ group }) => group.id)),
    integers(sources.map(({ group }) => group.priority)),
    durations(sources.map(({ lease }) => lease)),
    durations(sources.map(({ maxRun }) => maxRun)),
    durations(sources.map(({ pickup }) => pickup)),
    wanted,
    slots.length,
    uuids(slots.map(({ attempt }) => attempt)),
    texts(slots.map(({ worker }) => worker)),
    durations(slots.map(({ lease }) => lease)),
    probes(wanted, sources.length),
    times(since)
  ]
  const tags = (op: Acceptance["op"]) => texts(accepts.flatMap((one) => (one.op === op ? [one.tag] : [])))
  const rows = yield* accepts.length === 0
    ? database.queryAtTime(claimRows, ofAnyTags, parameters)
    : database.queryAtTime(claimRows, ofAcceptedTags, [...parameters, tags("exists"), tags("absent")])

  const groups = new Map(sources.map(({ group }) => [group.id, group]))
  const given = new Map<AttemptId, ClaimedJob>()
  for (const row of rows) {
    if (row.id === null) continue
    const group = groups.get(row.group_id)
    if (group === undefined) throw new Error("the database gave a job of a group that was not asked for")
    given.set(row.attempt_id, toClaimedJob(row, group))
  }
  const candidates = rows[0]?.candidates ?? 0
  return {
    jobs: slots.flatMap(({ attempt }) => given.get(attempt) ?? []),
    contended: given.size < Math.min(slots.length, candidates)
  }
})

export const claim = Effect.fnUntraced(function* (
  database: Database,
  starts: ClaimStarts,
  wish: Claim
): Effect.fn.Return<Claimed, DatabaseError> {
  const { accepts, slots, sources } = wish
  if (slots.length === 0 || sources.length === 0) return { jobs: [], contended: false }
  const fromBeginning = sources.map(() => null)
  // What is not accepted stays where it is, so that the jobs given are not the first ones.
  if (accepts.length > 0) return yield* claimSince(database, wish, fromBeginning)

  const now = yield* Clock.currentTimeMillis
  const since = sources.map(({ group }) => starts.of(group.id, now))
  const claimed = yield* claimSince(database, wish, since)
  starts.gave(claimed.jobs, now)
  if (since.every((time) => time === null) || claimed.jobs.length === slots.length || claimed.contended) {
    return claimed
  }

  const rest = yield* claimSince(
    database,
    { ...wish, slots: slots.slice(claimed.jobs.length) },
    fromBeginning
  ).pipe(
    // What was given is given, and whoever asked must hear of it.
    Effect.catch((error) =>
      claimed.jobs.length === 0 ? Effect.fail(error) : Effect.succeed<Claimed>({ jobs: [], contended: true })
    )
  )
  starts.gave(rest.jobs, now)
  return { jobs: [...claimed.jobs, ...rest.jobs], contended: rest.contended }
})
