/** `ProjectRepo.finish`, `finishable` and `deleteFinished`: closed projects whose jobs are all finished. */
import { Effect, Schema } from "effect"
import { ProjectId } from "../../../domain/Identifiers.ts"
import type { Due } from "../../../domain/Due.ts"
import type { CountedProject } from "../../../domain/projects/Project.ts"
import { projectLifetime, projectRecheck } from "../../../domain/projects/ProjectRepo.ts"
import {
  type Database,
  type DatabaseError,
  isKey,
  millisUntil,
  now,
  rowsOf,
  intervalOf
} from "../Database.ts"
import { nextRows, toNext } from "../due.ts"
import { uuids } from "../parameters.ts"
import { countsOf } from "./projectCounts.ts"
import { countedRows, projectColumns, toCounted } from "./projects.ts"

const idRows = rowsOf(Schema.Struct({ id: ProjectId }))

const isClosing = "project.closed_at is not null and project.finished_at is null"

const hasNoUnfinished = "jobs.scheduled = 0 and jobs.active = 0"

// In the order of the ids, as everywhere. Each project is looked up: a condition that all of them share would be met by the
// index of those that are closing.
const lock = `
  select project.id
  from (select distinct unnest($1::uuid[]) as id order by 1) as wanted
  cross join lateral (
    select id from project where ${isKey("project.id", "wanted.id")} and ${isClosing} for no key update
  ) as project`

const finish = `
  with ending as materialized (
    select project.id, jobs.done, jobs.failed, jobs.cancelled
    from unnest($2::uuid[]) as wanted (id)
    join project on ${isKey("project.id", "wanted.id")}
    cross join lateral (${countsOf("project.id")}) as jobs
    where ${hasNoUnfinished}
  )
  update project
  set
    finished_at = ${now}, kept_until = ${now} + ${intervalOf(projectLifetime)},
    done = ending.done, failed = ending.failed, cancelled = ending.cancelled
  from ending
  where ${isKey("project.id", "ending.id")}
  returning
    ${projectColumns}, 0 as scheduled, 0 as pending, 0 as processing, project.done, project.failed, project.cancelled,
    0 as running_percent`

/**
 * The projects are locked by a statement before: what ended, or was retried, by the time the lock was had is seen by the
 * statement that decides.
 */
export const finishProjects = (
  database: Database,
  ids: ReadonlyArray<ProjectId>
): Effect.Effect<ReadonlyArray<CountedProject>, DatabaseError> =>
  database.transaction(
    Effect.gen(function* () {
      const closing = (yield* database.query(idRows, lock, [uuids(ids)])).map(({ id }) => id)
      if (closing.length === 0) return []
      return (yield* database.queryAtTime(countedRows, finish, [uuids(closing)])).map(toCounted)
    })
  )

const finishable = `
  select project.id
  from project
  cross join lateral (${countsOf("project.id")}) as jobs
  where ${isClosing} and ${hasNoUnfinished}
  order by closed_at
  limit $1::int`

export const finishableProjects = (
  database: Database,
  limit: number
): Effect.Effect<ReadonlyArray<ProjectId>, DatabaseError> =>
  Effect.map(database.query(idRows, finishable, [limit]), (rows) => rows.map(({ id }) => id))

const remove = `
  with due as materialized (
    select id, exists (select from job where job.project = project.id) as has_jobs
    from project
    where kept_until is not null and kept_until <= ${now}
    order by kept_until
    limit $2::int
    for update skip locked
  ), kept as (
    update project
    set kept_until = ${now} + ${intervalOf(projectRecheck)}
    from due
    where due.has_jobs and ${isKey("project.id", "due.id")}
  ), counts as (
    delete from project_count
    using due
    where not due.has_jobs and ${isKey("project_count.project", "due.id")}
  )
  delete from project
  using due
  where not due.has_jobs and ${isKey("project.id", "due.id")}
  returning project.id`

const next = `select ${millisUntil("min(kept_until)")} as next from project where kept_until is not null`

export const deleteFinishedProjects = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Due<ProjectId>, DatabaseError> {
  const rows = yield* database.queryAtTime(idRows, remove, [limit])
  return { done: rows.map(({ id }) => id), next: toNext(yield* database.queryAtTime(nextRows, next)) }
})
