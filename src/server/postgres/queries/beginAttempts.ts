/** The end of every claim: of the candidates, the first that are free begin an attempt each. */
import { type Duration, Schema } from "effect"
import type { RunnerUp } from "../../../domain/attempts/Attempt.ts"
import type { AttemptId } from "../../../domain/Identifiers.ts"
import type { Claim, Claimed, ClaimSource } from "../../../domain/jobs/Claim.ts"
import { largestAnswer } from "../../../domain/Page.ts"
import type { Assignee } from "../../../domain/matching/Ranking.ts"
import { isKey, millisecond, now, rowsOf } from "../Database.ts"
import { durations, floats, texts, uuids } from "../parameters.ts"
import { countedFlows } from "./countedFlows.ts"
import { earliestClock } from "./earliestClock.ts"
import { givenAttemptColumns, givenColumns, GivenRow, toClaimedJob } from "./givenRows.ts"

const seen = {
  candidates: Schema.Number,
  undecided: Schema.Boolean,
  heads: Schema.NullOr(
    Schema.Array(Schema.Struct({ group: Schema.Number, standing: Schema.NullOr(Schema.Number) }))
  )
}
const FoundRow = Schema.Struct({ ...seen, ...GivenRow.fields })
const NothingRow = Schema.Struct({ ...seen, id: Schema.Null })
export const BegunRow = Schema.Union([FoundRow, NothingRow])
export const begunRows = rowsOf(BegunRow)

/** One job wanted by one of those who ask. */
export interface Slot {
  readonly attempt: AttemptId
  /** The place of the seeker among those who ask. */
  readonly seeker: number
  readonly worker: string
  readonly lease: Duration.Duration | null
  readonly score: number
  readonly runnersUp: ReadonlyArray<RunnerUp>
}

/** How the statement that the end belongs to has chosen: SQL each. */
export interface Beginning {
  /**
   * Selects the candidates that may be given, with `id`, `version`, the `lease`, `max_run` and `pickup` of the source, and
   * `place`, their order.
   */
  readonly candidates: string
  /** The columns of a candidate that are needed beside these, to find its slot and merit. */
  readonly known: ReadonlyArray<string>
  /** The slot of a free candidate, from 1, or null if there is none left for it; `in_turn` is the window of their order. */
  readonly slot: string
  /** The score and the runners-up of a given job, as text. */
  readonly score: string
  readonly runnersUp: string
  /** Whether nothing can be given like this. */
  readonly undecided: string
  /** What is known of the first jobs that are left, as a JSON array for one of the rows; null if nothing is. */
  readonly heads: string | null
  /** Selects the `type` of each job that is given, from `given` or `begun`. */
  readonly types: string
}

/** The score and the runners-up of the slot, from `slotParameters`. */
export const meritOfSlot = { score: "($6::float8[])[slot]", runnersUp: "($7::text[])[slot]" }

/**
 * Begins attempts at the first of the candidates that are free. The text before it defines `candidate`, of which those that
 * may be given are a part. Its parameters are `slotParameters`, and those of the text before begin with `$8`.
 *
 * What another server has locked or changed in the meantime is passed over. What is read of a job beside the lock is as old
 * as the statement, so the version must still be the one that was read: the last attempt is that of this version. What is
 * too much to be given at once stays where it is. Each step hands on no more columns than the next ones need: all of them
 * are copied at each step, and looked up each time the statement begins.
 */
export const beginAttempts = ({
  candidates,
  heads,
  known,
  runnersUp,
  score,
  slot,
  types,
  undecided
}: Beginning) => `
  taken as materialized (
    select
      ${["id", "version", "place", "lease", "pickup", ...known].map((column) => `candidate.${column}`).join(", ")},
      job.type, job.attempts, job.attempt, job.lease as job_lease, coalesce(job.max_run, candidate.max_run) as max_run,
      job.parameters_size
    from (${candidates} order by place) as candidate
    cross join lateral (
      select job.type, job.attempts, job.attempt, job.lease, job.max_run, job.parameters_size
      from job
      where job.id = candidate.id and job.version = candidate.version
      for update skip locked
    ) as job
    limit $2::int
  ), given as (
    select
      id, version, type, attempts, attempt, pickup, max_run,
      ($3::uuid[])[slot] as new_attempt, ($4::text[])[slot] as worker, ${score} as score, ${runnersUp}::json as runners_up,
      least(coalesce(($5::float8[])[slot], job_lease, lease), max_run) as new_lease
    from (
      select *, ${slot} as slot, sum(parameters_size) over in_turn - parameters_size as given_before
      from taken
      window in_turn as (order by place)
    ) as numbered
    where given_before < ${largestAnswer.claim} and slot is not null
  ), begun as (
    insert into attempt (
      id, job_id, number, worker, started_at, lease, lease_expires_at, pickup_by, max_run, run_until, checkpoint,
      started_version, score, runners_up
    )
    select
      given.new_attempt, given.id, given.attempts + 1, given.worker, ${now},
      given.new_lease, ${now} + given.new_lease * ${millisecond}, ${now} + given.pickup * ${millisecond},
      given.max_run, ${now} + given.max_run * ${millisecond},
      previous.checkpoint, given.version + 1, given.score, given.runners_up
    from given
    left join attempt as previous on ${isKey("previous.id", "given.attempt")}
    returning ${givenAttemptColumns}, attempt.job_id, attempt.cancel_at, attempt.started_version
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
  ), ${countedFlows(`select type, 'pending' as before, 'processing' as after from (${types}) as given_type`)}
  select
    seen.candidates, seen.undecided, ${heads === null ? "null::json" : `case when row_number() over () = 1 then ${heads} end`} as heads,
    started.*
  from (select count(*)::int as candidates, ${undecided} as undecided from candidate) as seen
  left join started on true`

/** A slot for each of the assignees, in their order. */
export const slotsFor = (
  { attempts, seekers }: Claim,
  assignees: ReadonlyArray<Assignee>
): ReadonlyArray<Slot> => {
  const places = new Map(seekers.map((seeker, place) => [seeker, place]))
  return assignees.flatMap(({ runnersUp, score, seeker }, turn) => {
    const attempt = attempts[turn]
    const place = places.get(seeker)
    if (attempt === undefined || place === undefined) return []
    return [{ attempt, seeker: place, worker: seeker.worker, lease: seeker.lease, score, runnersUp }]
  })
}

const runnersUpText = (runnersUp: ReadonlyArray<RunnerUp>) =>
  runnersUp.length === 0 ? null : JSON.stringify(runnersUp)

export const slotParameters = (slots: ReadonlyArray<Slot>) => [
  slots.length,
  uuids(slots.map(({ attempt }) => attempt)),
  texts(slots.map(({ worker }) => worker)),
  durations(slots.map(({ lease }) => lease)),
  floats(slots.map(({ score }) => score)),
  texts(slots.map(({ runnersUp }) => runnersUpText(runnersUp)))
]

/** The scores and runners-up of candidates. */
export const meritParameters = (
  candidates: ReadonlyArray<{ readonly score: number; readonly runnersUp: ReadonlyArray<RunnerUp> }>
) => [
  floats(candidates.map(({ score }) => score)),
  texts(candidates.map(({ runnersUp }) => JSON.stringify(runnersUp)))
]

/** The jobs that were given, in the order of the slots, and whether there were candidates that were not free. */
export const toGiven = (
  rows: ReadonlyArray<typeof BegunRow.Type>,
  slots: ReadonlyArray<Slot>,
  sources: ReadonlyArray<ClaimSource>
): Pick<Claimed, "jobs" | "contended"> => {
  const groups = new Map(sources.map(({ group }) => [group.id, group]))
  const given = new Map<AttemptId, Claimed["jobs"][number]>()
  const seekers = new Map(slots.map(({ attempt, seeker }) => [attempt, seeker]))
  for (const row of rows) {
    if (row.id === null) continue
    const group = groups.get(row.group_id)
    const seeker = seekers.get(row.attempt_id)
    if (group === undefined || seeker === undefined) {
      throw new Error("the database gave a job that was not asked for")
    }
    given.set(row.attempt_id, { ...toClaimedJob(row, group), seeker })
  }
  const candidates = rows[0]?.candidates ?? 0
  return {
    jobs: slots.flatMap(({ attempt }) => given.get(attempt) ?? []),
    contended: given.size < Math.min(slots.length, candidates)
  }
}
