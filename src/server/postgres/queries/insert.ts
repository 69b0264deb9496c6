import { Effect } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { Submission, Submitted } from "../../../domain/JobRepo.ts"
import type { JobRecord } from "../../../domain/Job.ts"
import type { Database } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { partsOf } from "../parts.ts"
import { toNullableTime, toTime } from "../rows.ts"
import { type CreatedRow, type GroupedJob, type GroupedSubmission, insertJobs } from "./insertJobs.ts"

const loadOf = ({ jobs }: GroupedSubmission) => ({
  rows: jobs.length,
  characters: jobs.reduce((sum, { parameters }) => sum + parameters.length, 0)
})

const toRecord = ({ group, insert }: GroupedJob, row: CreatedRow): JobRecord => ({
  id: insert.id,
  group,
  status: row.status,
  version: 1,
  parameters: insert.parameters,
  tags: insert.tags,
  project: insert.project,
  fairnessKey: group.fairnessKey,
  createdBy: insert.createdBy,
  schedule: insert.schedule,
  createdAt: toTime(row.created_at),
  runAt: toTime(row.run_at),
  firstRunAt: toTime(row.run_at),
  startedAt: null,
  finishedAt: null,
  expiresIn: insert.expiresIn,
  expiresAt: toNullableTime(row.expires_at),
  attempts: 0,
  failures: 0,
  losses: 0,
  maxAttempts: insert.maxAttempts,
  lease: insert.lease,
  maxRun: insert.maxRun,
  reason: null,
  cancelRequest: null,
  attempt: null
})

const groupAll = Effect.fnUntraced(function* (groups: JobGroups, batch: ReadonlyArray<Submission>) {
  const found = yield* groups.like(batch.flatMap(({ jobs }) => jobs.map(({ group }) => group)))
  let next = 0
  return batch.map(({ idempotency, jobs }): GroupedSubmission => ({
    idempotency,
    jobs: jobs.flatMap((insert) => {
      const group = found[next++]
      return group === undefined ? [] : [{ insert, group, parameters: JSON.stringify(insert.parameters) }]
    })
  }))
})

export const insert = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<Submission>
) {
  const submissions = yield* groupAll(groups, batch)

  // The batch itself may use a key twice.
  const firstUses = new Map<string, GroupedSubmission>()
  for (const submission of submissions) {
    const key = submission.idempotency?.key
    if (key !== undefined && !firstUses.has(key)) firstUses.set(key, submission)
  }
  const firstUse = (submission: GroupedSubmission) =>
    submission.idempotency === null ? submission : firstUses.get(submission.idempotency.key)

  const parts = partsOf(
    submissions.filter((submission) => firstUse(submission) === submission),
    loadOf
  )
  const insertAll = Effect.forEach(parts, (part) => insertJobs(database, part))
  const rows = yield* parts.length > 1 ? database.transaction(insertAll) : insertAll

  const created = new Map<JobId, CreatedRow>()
  const repeated = new Map<string, Submitted>()
  for (const row of rows.flat()) {
    if (row.id !== null) created.set(row.id, row)
    else repeated.set(row.key, { _tag: "Repeated", jobs: row.jobs, fingerprint: row.fingerprint })
  }

  return submissions.map((submission): Submitted => {
    const { idempotency, jobs } = submission
    const earlier = idempotency === null ? undefined : repeated.get(idempotency.key)
    if (earlier !== undefined) return earlier
    const first = firstUse(submission)
    return first?.idempotency != null && first !== submission
      ? {
          _tag: "Repeated",
          jobs: first.jobs.map(({ insert }) => insert.id),
          fingerprint: first.idempotency.fingerprint
        }
      : {
          _tag: "Created",
          jobs: jobs.map((job) => {
            const row = created.get(job.insert.id)
            if (row === undefined) throw new Error("the database did not tell of a job that it stored")
            return toRecord(job, row)
          })
        }
  })
})
