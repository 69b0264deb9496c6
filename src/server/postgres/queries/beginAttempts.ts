/** The end of every claim: of the candidates, the first that are free begin an attempt each. */
import { Schema } from "effect"
import type { AttemptId } from "../../../domain/Identifiers.ts"
import { type ClaimedJob, type ClaimSlot, type ClaimSource, largestAnswer } from "../../../domain/JobRepo.ts"
import { isKey, millisecond, now, rowsOf } from "../Database.ts"
import { durations, texts, uuids } from "../parameters.ts"
import { countedFlows } from "./countedFlows.ts"
import { earliestClock } from "./earliestClock.ts"
import { givenColumns, GivenRow, toClaimedJob } from "./givenRows.ts"

const FoundRow = Schema.Struct({ candidates: Schema.Number, ...GivenRow.fields })
const NothingRow = Schema.Struct({ candidates: Schema.Number, id: Schema.Null })
const BegunRow = Schema.Union([FoundRow, NothingRow])
export const begunRows = rowsOf(BegunRow)

/**
 * Begins attempts at the first of the rows of `candidate`, which the text before defines, with `id`, `version`, the
 * `lease`, `max_run` and `pickup` of the source, and `place`, their order. Its parameters are `slotParameters`, and those
 * of the text before begin with `$6`.
 *
 * What another server has locked or changed in the meantime is passed over. What is read of a job beside the lock is as old
 * as the statement, so the version must still be the one that was read: the last attempt is that of this version. What is
 * too much to be given at once stays where it is.
 */
export const beginAttempts = `
  taken as materialized (
    select
      candidate.id, candidate.version, candidate.place, candidate.lease, candidate.pickup,
      job.type, job.attempts, job.attempt, job.lease as job_lease, coalesce(job.max_run, candidate.max_run) as max_run,
      job.parameters_size
    from (select * from candidate order by place) as candidate
    cross join lateral (
      select job.type, job.attempts, job.attempt, job.lease, job.max_run, job.parameters_size
      from job
      where job.id = candidate.id and job.version = candidate.version
      for update skip locked
    ) as job
    limit $2::int
  ), given as (
    select
      numbered.*, ($3::uuid[])[slot] as new_attempt, ($4::text[])[slot] as worker,
      least(coalesce(($5::float8[])[slot], job_lease, lease), max_run) as new_lease
    from (
      select
        *, row_number() over in_turn as slot, sum(parameters_size) over in_turn - parameters_size as given_before
      from taken
      window in_turn as (order by place)
    ) as numbered
    where given_before < ${largestAnswer.claim}
  ), begun as (
    insert into attempt (
      id, job_id, number, worker, started_at, lease, lease_expires_at, pickup_by, max_run, run_until, checkpoint,
      started_version
    )
    select
      given.new_attempt, given.id, given.attempts + 1, given.worker, ${now},
      given.new_lease, ${now} + given.new_lease * ${millisecond}, ${now} + given.pickup * ${millisecond},
      given.max_run, ${now} + given.max_run * ${millisecond},
      previous.checkpoint, given.version + 1
    from given
    left join attempt as previous on ${isKey("previous.id", "given.attempt")}
    returning attempt.*
  ), started as (
    update job
    set
      status = 'processing', version = attempt.started_version, attempts = attempt.number, attempt = attempt.id,
      started_at = coalesce(job.started_at, attempt.started_at), assignee = attempt.worker,
      check_at = ${earliestClock}
    from begun as attempt
    left join job_payload on ${isKey("job_payload.job_id", "attempt.job_id")}
    where ${isKey("job.id", "attempt.job_id")}
    returning ${givenColumns}
  ), ${countedFlows("select type, 'pending' as before, 'processing' as after from given")}
  select seen.candidates, started.*
  from (select count(*)::int as candidates from candidate) as seen
  left join started on true`

export const slotParameters = (slots: ReadonlyArray<ClaimSlot>) => [
  slots.length,
  uuids(slots.map(({ attempt }) => attempt)),
  texts(slots.map(({ worker }) => worker)),
  durations(slots.map(({ lease }) => lease))
]

/** The jobs that were given, to the first slots, and whether there were candidates that were not free. */
export const toGiven = (
  rows: ReadonlyArray<typeof BegunRow.Type>,
  slots: ReadonlyArray<ClaimSlot>,
  sources: ReadonlyArray<ClaimSource>
): { readonly jobs: ReadonlyArray<ClaimedJob>; readonly contended: boolean } => {
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
}
