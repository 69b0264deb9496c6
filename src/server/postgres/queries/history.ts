/** `JobRepo.history`: a job with its past. */
import { Array as Arr, Effect, Schema } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import { JobStatus } from "../../../domain/jobs/Job.ts"
import type { JobHistory } from "../../../domain/jobs/Timeline.ts"
import { attemptColumns, jobFields } from "../columns.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { attemptRows, toAttemptRecord, toNullableTime, toTime } from "../rows.ts"
import { find } from "./find.ts"

const retryRows = rowsOf(
  Schema.Struct({
    version: Schema.Number,
    at: Schema.Date,
    status: JobStatus,
    finished_at: jobFields.finished_at,
    reason: jobFields.reason,
    cancel_request: jobFields.cancel_request
  })
)

const amendmentRows = rowsOf(
  Schema.Struct({
    version: Schema.Number,
    group_id: jobFields.group_id,
    tags: jobFields.tags,
    status: JobStatus,
    run_at: jobFields.run_at
  })
)

const attemptsOf = `
  select ${attemptColumns} from attempt where attempt.job_id = $1::uuid order by attempt.started_version`

const retriesOf = `
  select version, at, status, finished_at, reason, cancel_request from job_retry where job_id = $1::uuid order by version`

const amendmentsOf = `
  select version, group_id::float8 as group_id, tags, status, run_at
  from job_amendment
  where job_id = $1::uuid
  order by version`

/** The job is read first: what happens while the rest is read is of later versions than its own, and not yet history. */
export const history = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  id: JobId
): Effect.fn.Return<JobHistory | null, DatabaseError> {
  const [job = null] = yield* find(database, groups, [id])
  if (job === null) return null
  const attempts = yield* database.query(attemptRows, attemptsOf, [id])
  const retries = yield* database.query(retryRows, retriesOf, [id])
  const amendments = yield* database.query(amendmentRows, amendmentsOf, [id])
  const replaced = yield* groups.withIds(amendments.map(({ group_id }) => group_id))
  return {
    job,
    attempts: attempts.map(toAttemptRecord),
    retries: retries.map(({ at, cancel_request, finished_at, reason, status, version }) => ({
      version,
      at: toTime(at),
      undone: { status, finishedAt: toNullableTime(finished_at), reason, cancelRequest: cancel_request }
    })),
    amendments: Arr.zipWith(amendments, replaced, ({ run_at, status, tags, version }, group) => ({
      version,
      replaced: { group, tags },
      made: { status, runAt: toTime(run_at) }
    }))
  }
})
