/** Projects as they are kept: stored, found, listed, and how they stand with their jobs. */
import { Effect, Schema, Struct } from "effect"
import { ProjectId } from "../../../domain/Identifiers.ts"
import { StatusCounts } from "../../../domain/stats/Flow.ts"
import { CancelRequest } from "../../../domain/jobs/Job.ts"
import type { Page } from "../../../domain/Page.ts"
import type { CountedProject, ProjectInsert, ProjectRecord } from "../../../domain/projects/Project.ts"
import { StoredJson } from "../columns.ts"
import { type Database, type DatabaseError, isKey, now, rowsOf } from "../Database.ts"
import { booleans, texts, uuids } from "../parameters.ts"
import { toNullableTime, toTime } from "../rows.ts"
import { countsOf } from "./projectCounts.ts"

const projectFields = {
  id: ProjectId,
  name: Schema.String,
  metadata: StoredJson,
  created_by: Schema.NullOr(Schema.String),
  created_at: Schema.Date,
  closed_at: Schema.NullOr(Schema.Date),
  cancel_request: Schema.NullOr(CancelRequest),
  finished_at: Schema.NullOr(Schema.Date)
}
const ProjectRow = Schema.Struct(projectFields)
export const projectRows = rowsOf(ProjectRow)

const countFields = StatusCounts.fields
const CountedRow = Schema.Struct({ ...projectFields, ...countFields, running_percent: Schema.Number })
export const countedRows = rowsOf(CountedRow)

export const projectColumns = Struct.keys(projectFields)
  .map((column) => `project.${column}`)
  .join(", ")

const toRecord = (row: typeof ProjectRow.Type): ProjectRecord => ({
  id: row.id,
  name: row.name,
  metadata: row.metadata,
  createdBy: row.created_by,
  createdAt: toTime(row.created_at),
  closedAt: toNullableTime(row.closed_at),
  cancelRequest: row.cancel_request,
  finishedAt: toNullableTime(row.finished_at)
})

export const toCounted = (row: typeof CountedRow.Type): CountedProject => ({
  project: toRecord(row),
  counts: Struct.pick(row, Struct.keys(countFields)),
  runningPercent: row.running_percent
})

const insert = `
  insert into project (id, name, metadata, created_by, created_at, closed_at)
  select id, name, metadata::json, created_by, ${now}, case when is_closed then ${now} end
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bool[])
    as item (id, name, metadata, created_by, is_closed)`

export const insertProjects = (database: Database, projects: ReadonlyArray<ProjectInsert>) =>
  database.runAtTime(insert, [
    uuids(projects.map(({ id }) => id)),
    texts(projects.map(({ name }) => name)),
    texts(projects.map(({ metadata }) => JSON.stringify(metadata))),
    texts(projects.map(({ createdBy }) => createdBy)),
    booleans(projects.map(({ isClosed }) => isClosed))
  ])

export const orNull = ([row]: ReadonlyArray<typeof ProjectRow.Type>) =>
  row === undefined ? null : toRecord(row)

export const findProject = (
  database: Database,
  id: ProjectId
): Effect.Effect<ProjectRecord | null, DatabaseError> =>
  Effect.map(
    database.query(projectRows, `select ${projectColumns} from project where id = $1::uuid`, [id]),
    orNull
  )

// One more than asked for tells whether there is more.
const list = `
  select ${projectColumns}
  from project
  where id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  order by id desc
  limit $2::int + 1`

export const listProjects = (
  database: Database,
  before: ProjectId | undefined,
  limit: number
): Effect.Effect<Page<ProjectRecord>, DatabaseError> =>
  Effect.map(database.query(projectRows, list, [before ?? null, limit]), (rows) => ({
    items: rows.slice(0, limit).map(toRecord),
    hasMore: rows.length > limit
  }))

// What was counted of a finished project is shown as it was. The progress of the jobs that run is looked up one by one.
const count = `
  select
    ${projectColumns}, jobs.scheduled, jobs.active - running.count as pending, running.count as processing,
    coalesce(project.done, jobs.done) as done, coalesce(project.failed, jobs.failed) as failed,
    coalesce(project.cancelled, jobs.cancelled) as cancelled, running.percent as running_percent
  from project
  cross join lateral (${countsOf("project.id")}) as jobs
  cross join lateral (
    select count(*)::int as count, coalesce(sum(attempt.percent), 0)::float8 as percent
    from job
    left join attempt on ${isKey("attempt.id", "job.attempt")}
    where ${isKey("job.project", "project.id")} and job.status = 'processing'
  ) as running
  where project.id = $1::uuid`

export const countProject = (
  database: Database,
  id: ProjectId
): Effect.Effect<CountedProject | null, DatabaseError> =>
  Effect.map(database.query(countedRows, count, [id]), ([row]) => (row === undefined ? null : toCounted(row)))
