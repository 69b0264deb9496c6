/** Stores the jobs of many submissions, with their idempotency keys, in one statement. */
import { Effect, Schema } from "effect"
import { JobId, ProjectId } from "../../../domain/Identifiers.ts"
import { type JobInsert, keyLifetime, type Submission } from "../../../domain/jobs/Submission.ts"
import { JobStatus } from "../../../domain/jobs/Job.ts"
import type { JobGroup } from "../../../domain/matching/Matching.ts"
import { type Database, millisecond, now, rowsOf, intervalOf } from "../Database.ts"
import { bigints, durations, integers, textLists, texts, times, uuids } from "../parameters.ts"
import { countedProjectFlows } from "./countedFlows.ts"

/** A submission whose jobs have found their groups. */
export interface GroupedSubmission {
  readonly jobs: ReadonlyArray<GroupedJob>
  readonly submission: Submission
}

export interface GroupedJob {
  readonly insert: JobInsert
  readonly group: JobGroup
  /** The parameters as JSON. */
  readonly parameters: string
}

/** What the database decided of a new job. */
export const CreatedRow = Schema.Struct({
  id: JobId,
  status: JobStatus,
  run_at: Schema.Date,
  created_at: Schema.Date,
  expires_at: Schema.NullOr(Schema.Date)
})
export type CreatedRow = typeof CreatedRow.Type

/** An earlier use of a key. */
const RepeatedRow = Schema.Struct({
  id: Schema.Null,
  key: Schema.String,
  fingerprint: Schema.String,
  jobs: Schema.Array(JobId),
  project: Schema.NullOr(ProjectId)
})

const rows = rowsOf(Schema.Union([CreatedRow, RepeatedRow]))

const newJobs = `
  select
    id, group_id, type, tags::text[] as tags, project,
    greatest(run_at, ${now} + delay * ${millisecond}, ${now}) as run_at,
    expires_in, max_attempts, lease, max_run, parameters::json as parameters,
    octet_length(parameters) as parameters_size, fairness_key, created_by, schedule
  from unnest(
    $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[], $8::float8[], $9::float8[],
    $10::int[], $11::float8[], $12::float8[], $13::text[], $14::text[], $15::text[],
    $16::text[], $17::text[]
  ) as item (
    id, group_id, type, tags, project, run_at, delay, expires_in, max_attempts, lease, max_run, parameters, fairness_key,
    created_by, schedule, key
  )`

const insertNewJobs = `
  created as (
    insert into job (
      id, group_id, type, status, version, tags, project, created_at, run_at, first_run_at,
      expires_in, expires_at, max_attempts, lease, max_run, parameters_size, fairness_key, created_by,
      schedule
    )
    select
      id, group_id, type, case when run_at > ${now} then 'scheduled' else 'pending' end, 1, tags, project,
      ${now}, run_at, run_at, expires_in, ${now} + expires_in * ${millisecond}, max_attempts, lease, max_run,
      parameters_size, fairness_key, created_by, schedule
    from new_job
    returning id, type, project, status, run_at, created_at, expires_at
  ), payload as (
    insert into job_payload (job_id, parameters) select id, parameters from new_job
  ), ${countedProjectFlows("select type, project, '' as before, status as after from created")}`

const withoutKeys = `
  with new_job as materialized (${newJobs}), ${insertNewJobs}
  select id, status, run_at, created_at, expires_at from created`

/** Whether a key, as `stored`, may be used anew. */
export const isForgotten = `stored.created_at <= ${now} - ${intervalOf(keyLifetime)}`

// A key that was used before comes back as it was stored: the update which then changes nothing is there to return it,
// and to wait for another server that is using it at this moment. A key was new if the jobs stored with it are ours,
// and the project that was created with them.
const withKeys = `
  with item_key as (
    select key, fingerprint, jobs::uuid[] as jobs, project
    from unnest($18::text[], $19::text[], $20::text[], $21::uuid[]) as item (key, fingerprint, jobs, project)
  ), used_key as materialized (
    insert into idempotency_key as stored (key, fingerprint, jobs, project, created_at)
    select key, fingerprint, jobs, project, ${now} from item_key order by key
    on conflict (key) do update set
      fingerprint = case when ${isForgotten} then excluded.fingerprint else stored.fingerprint end,
      jobs = case when ${isForgotten} then excluded.jobs else stored.jobs end,
      project = case when ${isForgotten} then excluded.project else stored.project end,
      created_at = case when ${isForgotten} then excluded.created_at else stored.created_at end
    returning key, fingerprint, jobs, project
  ), new_job as materialized (
    ${newJobs}
    where key is null or (key, id) in (select used_key.key, unnest(used_key.jobs) from used_key)
  ), ${insertNewJobs}
  select id, status, run_at, created_at, expires_at, null as key, null as fingerprint, null as jobs,
    null as project
  from created
  union all
  select null, null, null, null, null, key, fingerprint, jobs, project
  from used_key
  where (key, jobs || project) not in (select item_key.key, item_key.jobs || item_key.project from item_key)`

/** Inserts submissions in one statement. No two of them may have the same key. */
export const insertJobs = (database: Database, submissions: ReadonlyArray<GroupedSubmission>) => {
  const jobs = submissions.flatMap(({ jobs, submission: { idempotency } }) =>
    jobs.map((job) => ({ ...job, key: idempotency?.key ?? null }))
  )
  const keys = submissions.flatMap(({ jobs, submission: { idempotency, newProject } }) =>
    idempotency === null
      ? []
      : [{ ...idempotency, jobs: jobs.map(({ insert }) => insert.id), project: newProject?.id ?? null }]
  )
  if (jobs.length === 0 && keys.length === 0) return Effect.succeed([])
  const jobParameters = [
    uuids(jobs.map(({ insert }) => insert.id)),
    bigints(jobs.map(({ group }) => group.id)),
    texts(jobs.map(({ group }) => group.type)),
    textLists(jobs.map(({ insert }) => insert.tags)),
    uuids(jobs.map(({ insert }) => insert.project)),
    times(jobs.map(({ insert }) => insert.runAt)),
    durations(jobs.map(({ insert }) => (insert.runAt === null ? insert.delay : null))),
    durations(jobs.map(({ insert }) => insert.expiresIn)),
    integers(jobs.map(({ insert }) => insert.maxAttempts)),
    durations(jobs.map(({ insert }) => insert.lease)),
    durations(jobs.map(({ insert }) => insert.maxRun)),
    texts(jobs.map(({ parameters }) => parameters)),
    texts(jobs.map(({ group }) => group.fairnessKey)),
    texts(jobs.map(({ insert }) => insert.createdBy)),
    texts(jobs.map(({ insert }) => insert.schedule)),
    texts(jobs.map(({ key }) => key))
  ]
  if (keys.length === 0) return database.queryAtTime(rows, withoutKeys, jobParameters)
  return database.queryAtTime(rows, withKeys, [
    ...jobParameters,
    texts(keys.map(({ key }) => key)),
    texts(keys.map(({ fingerprint }) => fingerprint)),
    textLists(keys.map(({ jobs }) => jobs)),
    uuids(keys.map(({ project }) => project))
  ])
}
