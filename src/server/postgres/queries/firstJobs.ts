/** Reads the first pending jobs of groups, for a claim that has to choose among them. */
import { type DateTime, Effect, Schema } from "effect"
import { JobId } from "../../../domain/Identifiers.ts"
import type { AcceptedJobs } from "../../../domain/matching/Acceptance.ts"
import { failingOutcomes } from "../../../domain/attempts/failedBy.ts"
import { type Database, type DatabaseError, isKey, millisUntil, rowsOf } from "../Database.ts"
import { bigints, integers, times } from "../parameters.ts"
import { toTime } from "../rows.ts"
import { acceptedParameters, statementsFor } from "./acceptedJobs.ts"

/** At most `limit` jobs of a group are looked for, of those that are due `since` a time, or from the beginning. */
export interface Look {
  readonly group: number
  readonly since: DateTime.Utc | null
  readonly limit: number
}

/** A pending job, as it was when it was looked at. */
export interface FoundJob {
  readonly id: JobId
  readonly version: number
  readonly runAt: DateTime.Utc
  /** The workers that have failed or lost it before. */
  readonly failedBy: ReadonlyArray<string>
}

interface FirstJobs {
  readonly found: ReadonlyArray<ReadonlyArray<FoundJob>>
  readonly now: number | null
}

const foundRows = rowsOf(
  Schema.Struct({
    place: Schema.Number,
    id: JobId,
    version: Schema.Number,
    run_at: Schema.Date,
    waited: Schema.Number,
    failed_by: Schema.NullOr(Schema.Array(Schema.String))
  })
)

const failing = failingOutcomes.map((outcome) => `'${outcome}'`).join(", ")

// Of the attempts those count that `attempts` counts, as `failedBy` says.
const statement = (accepted: string) => `
  select
    look.place::int as place, job.id, job.version, job.run_at, -${millisUntil("job.run_at")} as waited,
    case
      when job.has_failed then (
        select array_agg(distinct attempt.worker)
        from (
          select worker, outcome
          from attempt
          where ${isKey("attempt.job_id", "job.id")}
          order by started_version desc
          limit job.attempts
        ) as attempt
        where attempt.outcome in (${failing})
      )
    end as failed_by
  from unnest($2::bigint[], $3::timestamptz[], $4::int[]) with ordinality as look (group_id, since, most, place)
  cross join lateral (
    select job.id, job.version, job.run_at, job.attempts, job.failures + job.losses > 0 as has_failed
    from job
    where job.group_id = look.group_id and job.status = 'pending'
      and job.run_at >= coalesce(look.since, '-infinity') ${accepted}
    order by job.run_at, job.id
    limit look.most
  ) as job
  order by look.place, job.run_at, job.id`

const statementOf = statementsFor(statement, 5)

/** The first pending jobs for each look, in the order of the index, and the time in milliseconds if there are any. */
export const firstJobs = Effect.fnUntraced(function* (
  database: Database,
  looks: ReadonlyArray<Look>,
  accepted: AcceptedJobs
): Effect.fn.Return<FirstJobs, DatabaseError> {
  const rows = yield* database.queryAtTime(foundRows, statementOf(accepted), [
    bigints(looks.map(({ group }) => group)),
    times(looks.map(({ since }) => since)),
    integers(looks.map(({ limit }) => limit)),
    ...acceptedParameters(accepted)
  ])
  const found = looks.map((): Array<FoundJob> => [])
  for (const { failed_by, id, place, run_at, version } of rows) {
    const runAt = toTime(run_at)
    found[place - 1]?.push({ id, version, runAt, failedBy: failed_by ?? [] })
  }
  const [one] = rows
  return { found, now: one === undefined ? null : one.run_at.getTime() + one.waited }
})
