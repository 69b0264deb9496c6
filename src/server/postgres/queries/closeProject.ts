/** Whoever closes a project waits for those who are adding jobs to it, and who comes after sees that it is closed. */
import { Effect, Schema } from "effect"
import type { BulkActionInsert } from "../../../domain/jobs/BulkActionRepo.ts"
import type { ProjectId } from "../../../domain/Identifiers.ts"
import type { ProjectRecord } from "../../../domain/projects/Project.ts"
import { type Database, type DatabaseError, momentNow, now, rowsOf } from "../Database.ts"
import { toText } from "../parameters.ts"
import { insertBulkAction } from "./bulkActions.ts"
import { countsOf } from "./projectCounts.ts"
import { orNull, projectColumns, projectRows } from "./projects.ts"

const close = `
  update project set closed_at = coalesce(closed_at, ${now}) where id = $2::uuid returning ${projectColumns}`

export const closeProject = (
  database: Database,
  id: ProjectId
): Effect.Effect<ProjectRecord | null, DatabaseError> =>
  Effect.map(database.queryAtTime(projectRows, close, [id]), orNull)

const keepWish = `
  update project
  set closed_at = coalesce(closed_at, ${now}), cancel_request = coalesce(cancel_request, $3::text::json)
  where id = $2::uuid and finished_at is null
  returning ${projectColumns}`

const standingRows = rowsOf(Schema.Struct({ unfinished: Schema.Number, at: Schema.Date }))

// A job that was waited for was created after this transaction began, and is meant as well.
const standing = `
  select scheduled + active as unfinished, ${momentNow} as at from (${countsOf("$2::uuid")}) as jobs`

export const cancelProject = (
  database: Database,
  id: ProjectId,
  action: BulkActionInsert
): Effect.Effect<ProjectRecord | null, DatabaseError> =>
  database.transaction(
    Effect.gen(function* () {
      const request = toText({ by: action.by, reason: action.reason })
      const project = orNull(yield* database.queryAtTime(projectRows, keepWish, [id, request]))
      if (project === null) return null
      const [row] = yield* database.queryAtTime(standingRows, standing, [id])
      if (row !== undefined && row.unfinished > 0) {
        yield* insertBulkAction(database, action, row.at, row.unfinished)
      }
      return project
    })
  )
