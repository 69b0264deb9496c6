/** Which idempotency keys were used before, and for what. */
import { Effect, Schema } from "effect"
import { JobId, ProjectId } from "../../../domain/Identifiers.ts"
import type { Insertion } from "../../../domain/jobs/Submission.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import { texts } from "../parameters.ts"
import { isForgotten } from "./insertJobs.ts"

const keyRows = rowsOf(
  Schema.Struct({
    key: Schema.String,
    fingerprint: Schema.String,
    jobs: Schema.Array(JobId),
    project: Schema.NullOr(ProjectId)
  })
)

const statement = `
  select key, fingerprint, jobs, project
  from idempotency_key as stored
  where key = any($2::text[]) and not (${isForgotten})`

/** What was created with these keys before, by key. */
export const usedKeys = Effect.fnUntraced(function* (
  database: Database,
  keys: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyMap<string, Insertion>, DatabaseError> {
  if (keys.length === 0) return new Map()
  const rows = yield* database.queryAtTime(keyRows, statement, [texts(keys)])
  return new Map(rows.map(({ key, ...use }) => [key, { _tag: "Repeated", ...use }]))
})
