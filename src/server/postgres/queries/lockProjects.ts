/** Makes those who close a project wait for those who add jobs to it, and finds the jobs that come too late. */
import { Effect, Schema } from "effect"
import { ProjectId } from "../../../domain/Identifiers.ts"
import { type Database, type DatabaseError, rowsOf } from "../Database.ts"
import type { Insertion, Submission } from "../../../domain/jobs/Submission.ts"
import { refusalOf } from "../../../domain/projects/Project.ts"
import { uuids } from "../parameters.ts"
import { toNullableTime } from "../rows.ts"

const lockedRows = rowsOf(
  Schema.Struct({
    id: ProjectId,
    created_by: Schema.NullOr(Schema.String),
    closed_at: Schema.NullOr(Schema.Date)
  })
)

// Shared, so that many may add jobs at the same time, and only who closes the project must wait for them.
const statement = `
  select id, created_by, closed_at from project where id = any($1::uuid[]) order by id for share`

const projectsOf = ({ jobs, newProject }: Submission): ReadonlyArray<ProjectId> =>
  newProject === undefined ? jobs.flatMap(({ project }) => project ?? []) : []

/** Whether jobs of these submissions are added to projects that were there before. */
export const addToProjects = (submissions: ReadonlyArray<Submission>): boolean =>
  submissions.some((submission) => projectsOf(submission).length > 0)

/**
 * Keeps the projects that jobs are added to from being closed until the end of the transaction, and finds the submissions
 * of which a project does not take the jobs.
 */
export const lockProjects = Effect.fnUntraced(function* (
  database: Database,
  submissions: ReadonlyArray<Submission>
): Effect.fn.Return<ReadonlyMap<Submission, Insertion>, DatabaseError> {
  const ids = [...new Set(submissions.flatMap(projectsOf))]
  const rows = yield* database.query(lockedRows, statement, [uuids(ids)])
  const found = new Map(
    rows.map((row) => [row.id, { createdBy: row.created_by, closedAt: toNullableTime(row.closed_at) }])
  )
  const refused = new Map<Submission, Insertion>()
  for (const submission of submissions) {
    for (const project of projectsOf(submission)) {
      const refusal = refusalOf(found.get(project), submission.projectsOf ?? null)
      if (refusal === null) continue
      refused.set(submission, { _tag: "Refused", project, refusal })
      break
    }
  }
  return refused
})
