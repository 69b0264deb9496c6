/** `JobRepo.insert`: stores submissions, or finds that their keys were used or that a project refuses them. */
import { Array as Arr, Effect } from "effect"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { Insertion, Submission } from "../../../domain/jobs/Submission.ts"
import type { JobRecord } from "../../../domain/jobs/Job.ts"
import type { Database, DatabaseError } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { chunksOf } from "../chunks.ts"
import { toNullableTime, toTime } from "../rows.ts"
import { type CreatedRow, type GroupedJob, type GroupedSubmission, insertJobs } from "./insertJobs.ts"
import { addToProjects, lockProjects } from "./lockProjects.ts"
import { insertProjects } from "./projects.ts"
import { usedKeys } from "./usedKeys.ts"

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
  return batch.map((submission): GroupedSubmission => ({
    submission,
    jobs: submission.jobs.flatMap((insert) => {
      const group = found[next++]
      return group === undefined ? [] : [{ insert, group, parameters: JSON.stringify(insert.parameters) }]
    })
  }))
})

/** Inserts submissions that no project refuses. */
const insertTaken = Effect.fnUntraced(function* (
  database: Database,
  submissions: ReadonlyArray<GroupedSubmission>
): Effect.fn.Return<ReadonlyArray<Insertion>, DatabaseError> {
  // The batch itself may use a key twice.
  const firstUses = new Map<string, GroupedSubmission>()
  for (const grouped of submissions) {
    const key = grouped.submission.idempotency?.key
    if (key !== undefined && !firstUses.has(key)) firstUses.set(key, grouped)
  }
  const firstUse = (grouped: GroupedSubmission) =>
    grouped.submission.idempotency === null ? grouped : firstUses.get(grouped.submission.idempotency.key)

  const chunks = chunksOf(
    submissions.filter((grouped) => firstUse(grouped) === grouped),
    loadOf
  )
  const insertAll = Effect.forEach(chunks, (chunk) => insertJobs(database, chunk))
  const rows = yield* chunks.length > 1 ? database.transaction(insertAll) : insertAll

  const created = new Map<JobId, CreatedRow>()
  const repeated = new Map<string, Insertion>()
  for (const row of rows.flat()) {
    if (row.id !== null) {
      created.set(row.id, row)
    } else {
      const { fingerprint, jobs, project } = row
      repeated.set(row.key, { _tag: "Repeated", jobs, fingerprint, project })
    }
  }

  return submissions.map((grouped): Insertion => {
    const { idempotency } = grouped.submission
    const earlier = idempotency === null ? undefined : repeated.get(idempotency.key)
    if (earlier !== undefined) return earlier
    const first = firstUse(grouped)
    return first?.submission.idempotency != null && first !== grouped
      ? {
          _tag: "Repeated",
          jobs: first.jobs.map(({ insert }) => insert.id),
          fingerprint: first.submission.idempotency.fingerprint,
          project: first.submission.newProject?.id ?? null
        }
      : {
          _tag: "Created",
          jobs: grouped.jobs.map((job) => {
            const row = created.get(job.insert.id)
            if (row === undefined) throw new Error("the database did not tell of a job that it stored")
            return toRecord(job, row)
          })
        }
  })
})

// What a project refuses may have been created before it did, with the same key.
const refuse = Effect.fnUntraced(function* (database: Database, refused: ReadonlyMap<Submission, Insertion>) {
  const keys = [...refused.keys()].flatMap(({ idempotency }) => idempotency?.key ?? [])
  const used = yield* usedKeys(database, keys)
  return (submission: Submission): Insertion | undefined =>
    refused.has(submission)
      ? (used.get(submission.idempotency?.key ?? "") ?? refused.get(submission))
      : undefined
})

/** Inserts submissions of which some have to do with projects, which must not be closed in between. */
const insertWithProjects = Effect.fnUntraced(function* (
  database: Database,
  submissions: ReadonlyArray<GroupedSubmission>
): Effect.fn.Return<ReadonlyArray<Insertion>, DatabaseError> {
  const all = submissions.map(({ submission }) => submission)
  const refusal = yield* refuse(
    database,
    addToProjects(all) ? yield* lockProjects(database, all) : new Map<Submission, Insertion>()
  )
  // What has the key of one that is taken repeats it, and so is not refused for its project.
  const keys = new Set<string>()
  const taken = submissions.filter(({ submission }) => {
    const { idempotency } = submission
    if (refusal(submission) !== undefined && !keys.has(idempotency?.key ?? "")) return false
    if (idempotency !== null) keys.add(idempotency.key)
    return true
  })
  const answers = new Map(Arr.zip(taken, yield* insertTaken(database, taken)))
  const newProjects = taken.flatMap((grouped) =>
    answers.get(grouped)?._tag === "Created" ? (grouped.submission.newProject ?? []) : []
  )
  if (newProjects.length > 0) yield* insertProjects(database, newProjects)
  return submissions.map((grouped) => {
    const answer = answers.get(grouped) ?? refusal(grouped.submission)
    if (answer === undefined) throw new Error("a submission was not answered")
    return answer
  })
})

export const insert = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<Submission>
): Effect.fn.Return<ReadonlyArray<Insertion>, DatabaseError> {
  const submissions = yield* groupAll(groups, batch)
  return yield* batch.some(({ newProject }) => newProject !== undefined) || addToProjects(batch)
    ? database.transaction(insertWithProjects(database, submissions))
    : insertTaken(database, submissions)
})
