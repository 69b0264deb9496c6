/** `WorkerRepo.find`, `list` and `present`: workers with what they run, their records and quarantines. */
import { Duration, Effect, Schema } from "effect"
import { AttemptId, JobId } from "../../../domain/Identifiers.ts"
import type { Page } from "../../../domain/Page.ts"
import { Acceptance } from "../../../domain/matching/Acceptance.ts"
import { Skills } from "../../../domain/matching/Constraint.ts"
import { medianOf, type Worker, WorkerState } from "../../../domain/workers/Worker.ts"
import { type Database, type DatabaseError, isKey, now, rowsOf } from "../Database.ts"
import { texts } from "../parameters.ts"
import { toNullableTime, toTime } from "../rows.ts"

const WorkerRow = Schema.Struct({
  name: Schema.String,
  state: WorkerState,
  reason: Schema.NullOr(Schema.String),
  changed_by: Schema.NullOr(Schema.String),
  first_seen_at: Schema.Date,
  last_seen_at: Schema.NullOr(Schema.Date),
  is_present: Schema.Boolean,
  types: Schema.NullOr(Schema.Array(Schema.String)),
  skills: Schema.NullOr(Skills),
  accepts: Schema.NullOr(Schema.Array(Acceptance))
})
type WorkerRow = typeof WorkerRow.Type
const workerRows = rowsOf(WorkerRow)

const columns =
  "name, state, reason, changed_by, first_seen_at, last_seen_at, is_present, types, skills, accepts"

const byNames = `select ${columns} from worker where name = any($1::text[]) order by name`

const recordRows = rowsOf(
  Schema.Struct({
    worker: Schema.String,
    type: Schema.String,
    done: Schema.Number,
    failed: Schema.Number,
    lost: Schema.Number,
    runs: Schema.Array(Schema.Number)
  })
)

const recordsOf = `
  select worker, type, done::float8 as done, failed::float8 as failed, lost::float8 as lost, runs
  from worker_record
  where worker = any($1::text[])
  order by type collate "C"`

const runningRows = rowsOf(
  Schema.Struct({
    worker: Schema.String,
    job: JobId,
    attempt: AttemptId,
    type: Schema.String,
    started_at: Schema.Date,
    lease_expires_at: Schema.Date
  })
)

// Of all that is running, which is as much as there are workers or a few times more. The inner order is for the planner, as
// in `usage`.
const runningOf = `
  select attempt.worker, job.id as job, attempt.id as attempt, job.type, attempt.started_at, attempt.lease_expires_at
  from (
    select id, type, attempt
    from job
    where status = 'processing' and assignee is not null and assignee = any($1::text[])
    order by type, fairness_key, assignee
    offset 0
  ) as job
  join attempt on ${isKey("attempt.id", "job.attempt")}
  order by job.attempt`

const quarantineRows = rowsOf(
  Schema.Struct({ worker: Schema.String, type: Schema.String, until: Schema.Date })
)

const quarantinesOf = `
  select worker, type, until
  from worker_quarantine
  where worker = any($2::text[]) and until > ${now}
  order by type collate "C"`

const details = Effect.fnUntraced(function* (
  database: Database,
  workers: ReadonlyArray<WorkerRow>
): Effect.fn.Return<ReadonlyArray<Worker>, DatabaseError> {
  if (workers.length === 0) return []
  const names = texts(workers.map(({ name }) => name))
  const records = yield* database.query(recordRows, recordsOf, [names])
  const running = yield* database.query(runningRows, runningOf, [names])
  const quarantines = yield* database.queryAtTime(quarantineRows, quarantinesOf, [names])
  const recordsBy = Map.groupBy(records, ({ worker }) => worker)
  const runningBy = Map.groupBy(running, ({ worker }) => worker)
  const quarantinesBy = Map.groupBy(quarantines, ({ worker }) => worker)
  return workers.map((row): Worker => {
    const held = runningBy.get(row.name) ?? []
    return {
      name: row.name,
      state: row.state,
      reason: row.reason,
      changedBy: row.changed_by,
      firstSeenAt: toTime(row.first_seen_at),
      lastSeenAt: toNullableTime(row.last_seen_at),
      present: row.is_present || held.length > 0,
      types: row.types ?? [],
      skills: row.skills ?? {},
      accepts: row.accepts ?? [],
      running: held.map(({ attempt, job, lease_expires_at, started_at, type }) => ({
        job,
        attempt,
        type,
        startedAt: toTime(started_at),
        leaseExpiresAt: toTime(lease_expires_at)
      })),
      record: (recordsBy.get(row.name) ?? []).map(({ done, failed, lost, runs, type }) => ({
        type,
        done,
        failed,
        lost,
        medianRun: medianOf(runs.map((run) => Duration.millis(run)))
      })),
      quarantines: (quarantinesBy.get(row.name) ?? []).map(({ type, until }) => ({
        type,
        until: toTime(until)
      }))
    }
  })
})

export const findWorkers = Effect.fnUntraced(function* (database: Database, names: ReadonlyArray<string>) {
  return yield* details(database, yield* database.query(workerRows, byNames, [texts(names)]))
})

// One more than asked for tells whether there is more.
const following = (condition: string) => `
  select ${columns}
  from worker
  where name > $1::text and ${condition}
  order by name
  limit $3::int + 1`

// Few are restricted: that the condition says so lets their own index serve it.
const followingRestricted = following("state <> 'active' and state = $2::text")
const followingAll = following("($2::text is null or state = $2::text)")

const pageOf = (database: Database, rows: ReadonlyArray<WorkerRow>, limit: number) =>
  Effect.map(details(database, rows.slice(0, limit)), (items): Page<Worker> => ({
    items,
    hasMore: rows.length > limit
  }))

export const listWorkers = Effect.fnUntraced(function* (
  database: Database,
  filter: { readonly after: string | null; readonly state: WorkerState | null; readonly limit: number }
): Effect.fn.Return<Page<Worker>, DatabaseError> {
  const { after, limit, state } = filter
  const statement = state === null || state === "active" ? followingAll : followingRestricted
  const rows = yield* database.query(workerRows, statement, [after ?? "", state, limit])
  return yield* pageOf(database, rows, limit)
})

// A worker that holds a job without having been seen since it was gone is seen within moments.
const present = `select ${columns} from worker where is_present order by name limit $1::int + 1`

export const presentWorkers = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Page<Worker>, DatabaseError> {
  return yield* pageOf(database, yield* database.query(workerRows, present, [limit]), limit)
})
