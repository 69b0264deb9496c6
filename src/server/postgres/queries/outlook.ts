/** `JobRepo.outlook`: what keeps a pending job from being given. */
import { Effect, Schema } from "effect"
import { mostAhead, type Outlook, type OutlookQuestion } from "../../../domain/explaining/Outlook.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"
import { times } from "../parameters.ts"
import { toTime } from "../rows.ts"
import { usage } from "./usage.ts"

const placeRows = rowsOf(Schema.Struct({ at: Schema.Date, ahead: Schema.Number }))

// No more than can be told are counted, in the order of the index, whatever the number of jobs.
const place = `
  select ${now} as at, (
    select count(*)::int
    from (
      select
      from job
      where job.status = 'pending' and job.group_id = $2::bigint
        and (job.run_at, job.id) < (($3::timestamptz[])[1], $4::uuid)
      order by job.group_id, job.run_at, job.id
      limit ${mostAhead}
    ) as earlier
  ) as ahead`

export const outlook = Effect.fnUntraced(function* (
  database: Database,
  { job, limits, workers }: OutlookQuestion
): Effect.fn.Return<Outlook, DatabaseError> {
  const { group, id, runAt } = job
  const [row] = yield* database.queryAtTime(placeRows, place, [group.id, times([runAt]), id])
  if (row === undefined) throw new Error("the database did not count")
  if (limits === null) return { at: toTime(row.at), ahead: row.ahead, usage: null }
  const question = { type: group.type, limits, keys: new Set([group.fairnessKey]) }
  const used = yield* usage(database, [question], workers)
  return { at: toTime(row.at), ahead: row.ahead, usage: used.get(group.type)?.usage ?? null }
})
