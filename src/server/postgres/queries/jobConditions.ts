/** Conditions on `job` as a statement has them. How they are best met depends on the values, so it is planned each time. */
import { isFinished, type JobStatus } from "../../../domain/jobs/Job.ts"
import type { JobId } from "../../../domain/Identifiers.ts"
import type { JobConditions } from "../../../domain/jobs/JobConditions.ts"

// Spelled out in the statement and not a parameter, so that the index on the jobs of a status is seen to fit.
const isOf: { readonly [Status in JobStatus]: string } = {
  scheduled: "job.status = 'scheduled'",
  pending: "job.status = 'pending'",
  processing: "job.status = 'processing'",
  done: "job.status = 'done'",
  failed: "job.status = 'failed'",
  cancelled: "job.status = 'cancelled'"
}

/** What is asked of jobs: conditions that an index in the order of their ids may meet, and others. */
export interface SqlConditions {
  readonly indexed: ReadonlyArray<string>
  readonly others: ReadonlyArray<string>
  /** The values of `$1`, `$2` and so on in these conditions. */
  readonly parameters: ReadonlyArray<unknown>
}

/** Only the conditions that are asked for. */
export const sqlConditions = (
  conditions: JobConditions & { readonly before?: JobId | undefined }
): SqlConditions => {
  const parameters: Array<unknown> = []
  const indexed: Array<string> = []
  const others: Array<string> = []
  const where = (
    where: Array<string>,
    value: string | undefined,
    condition: (parameter: string) => string
  ) => {
    if (value === undefined) return
    parameters.push(value)
    where.push(condition(`$${parameters.length}`))
  }
  where(indexed, conditions.type, (type) => `job.type = ${type}::text and job.type <> ''`)
  where(indexed, conditions.project, (project) => `job.project = ${project}::uuid`)
  where(indexed, conditions.schedule, (schedule) => `job.schedule = ${schedule}::text`)
  where(indexed, conditions.before, (id) => `job.id < ${id}::uuid`)
  where(
    others,
    conditions.assignee,
    (worker) => `job.assignee = ${worker}::text and job.status not in ('scheduled', 'pending')`
  )
  where(others, conditions.tag, (tag) => `job.tags @> array[${tag}::text] and job.tags <> '{}'`)
  if (conditions.status !== undefined) {
    const place = isFinished(conditions.status) ? indexed : others
    place.push(isOf[conditions.status])
  }
  return { indexed, others, parameters }
}

/** The conditions as a where clause, if there are any. */
export const whereAll = (conditions: ReadonlyArray<string>): string =>
  conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`
