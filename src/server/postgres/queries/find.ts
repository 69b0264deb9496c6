/** `JobRepo.find` and `version`: jobs by id. */
import { Effect, Schema } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { uuids } from "../parameters.ts"
import { jobRows, jobsFrom } from "../rows.ts"

const statement = `
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("job")}
  where job.id = any($1::uuid[])`

export const find = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  ids: ReadonlyArray<JobId>
): Effect.fn.Return<ReadonlyArray<JobRecord | null>, DatabaseError> {
  if (ids.length === 0) return []
  const rows = yield* database.query(jobRows, statement, [uuids(ids)])
  const records = new Map((yield* groups.records(rows)).map((job) => [job.id, job]))
  return ids.map((id) => records.get(id) ?? null)
})

const versionRows = rowsOf(Schema.Struct({ version: Schema.Number }))

export const version = Effect.fnUntraced(function* (
  database: Database,
  id: JobId
): Effect.fn.Return<number | null, DatabaseError> {
  const [row] = yield* database.query(versionRows, "select version from job where id = $1::uuid", [id])
  return row?.version ?? null
})
