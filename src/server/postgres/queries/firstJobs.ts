import { DateTime, Effect, Schema } from "effect"
import { JobId } from "../../../domain/Identifiers.ts"
import type { Acceptance } from "../../../domain/Matching.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import { bigints, integers, times } from "../parameters.ts"
import { acceptedTags, tagParameters } from "./acceptedTags.ts"

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
}

const foundRows = rowsOf(
  Schema.Struct({
    place: Schema.Number,
    id: JobId,
    version: Schema.Number,
    run_at: Schema.Date
  })
)

const statement = (accepts: string) => `
  select look.place::int as place, job.id, job.version, job.run_at
  from unnest($1::bigint[], $2::timestamptz[], $3::int[]) with ordinality as look (group_id, since, most, place)
  cross join lateral (
    select job.id, job.version, job.run_at
    from job
    where job.group_id = look.group_id and job.status = 'pending'
      and job.run_at >= coalesce(look.since, '-infinity') ${accepts}
    order by job.run_at, job.id
    limit look.most
  ) as job
  order by look.place, job.run_at, job.id`

const ofAnyTags = statement("")
const ofAcceptedTags = statement(acceptedTags("$4", "$5"))

/** The first pending jobs for each look, in the order of the index. */
export const firstJobs = Effect.fnUntraced(function* (
  database: Database,
  looks: ReadonlyArray<Look>,
  accepts: ReadonlyArray<Acceptance>
): Effect.fn.Return<ReadonlyArray<ReadonlyArray<FoundJob>>, DatabaseError> {
  const parameters = [
    bigints(looks.map(({ group }) => group)),
    times(looks.map(({ since }) => since)),
    integers(looks.map(({ limit }) => limit))
  ]
  const rows = yield* accepts.length === 0
    ? database.query(foundRows, ofAnyTags, parameters)
    : database.query(foundRows, ofAcceptedTags, [...parameters, ...tagParameters(accepts)])
  const found = looks.map((): Array<FoundJob> => [])
  for (const { id, place, run_at, version } of rows) {
    found[place - 1]?.push({ id, version, runAt: DateTime.fromDateUnsafe(run_at) })
  }
  return found
})
