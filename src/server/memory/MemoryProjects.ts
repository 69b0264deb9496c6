/** Projects in the store in memory, as the steps of jobs see them. */
import { DateTime } from "effect"
import { noJobs } from "../../domain/stats/Flow.ts"
import { type CancelRequest, isFinished, type JobRecord } from "../../domain/jobs/Job.ts"
import type { ProjectId } from "../../domain/Identifiers.ts"
import type { Insertion, Submission } from "../../domain/jobs/Submission.ts"
import {
  type CountedProject,
  type ProjectInsert,
  type ProjectRecord,
  refusalOf
} from "../../domain/projects/Project.ts"
import { projectLifetime } from "../../domain/projects/ProjectRepo.ts"
import type { MemoryState } from "./MemoryState.ts"

export const addProject = (
  { projects }: MemoryState,
  now: DateTime.Utc,
  { createdBy, id, isClosed, metadata, name }: ProjectInsert
): void => {
  const record = {
    id,
    name,
    metadata,
    createdBy,
    createdAt: now,
    closedAt: isClosed ? now : null,
    cancelRequest: null,
    finishedAt: null
  }
  projects.set(id, { record, finished: null })
}

/** The first project that does not take its jobs; null if all do. */
export const refuse = ({ projects }: MemoryState, submission: Submission): Insertion | null => {
  if (submission.newProject !== undefined) return null
  for (const { project } of submission.jobs) {
    if (project === null) continue
    const refusal = refusalOf(projects.get(project)?.record, submission.projectsOf ?? null)
    if (refusal !== null) return { _tag: "Refused", project, refusal }
  }
  return null
}

/** After the retry of a job its project is no longer finished. */
export const reopen = ({ projects }: MemoryState, { project }: JobRecord): void => {
  const kept = project === null ? undefined : projects.get(project)
  if (kept === undefined || kept.finished === null) return
  const record = { ...kept.record, finishedAt: null, cancelRequest: null }
  projects.set(record.id, { record, finished: null })
}

export const jobsOf = ({ histories }: MemoryState, project: ProjectId): ReadonlyArray<JobRecord> =>
  [...histories.values()].map(({ job }) => job).filter((job) => job.project === project)

/** The project beside how it stands with its jobs. */
export const count = (state: MemoryState, id: ProjectId): CountedProject | null => {
  const kept = state.projects.get(id)
  if (kept === undefined) return null
  const { finished, record: project } = kept
  if (finished !== null) return { project, counts: finished.counts, runningPercent: 0 }
  const counts = { ...noJobs }
  let runningPercent = 0
  for (const { attempt, status } of jobsOf(state, id)) {
    counts[status] += 1
    if (status === "processing") runningPercent += attempt?.percent ?? 0
  }
  return { project, counts, runningPercent }
}

export const hasUnfinished = (state: MemoryState, id: ProjectId): boolean =>
  jobsOf(state, id).some(({ status }) => !isFinished(status))

/** The project that takes no more jobs, with the first wish to cancel it, which may be this one. */
export const close = (
  { projects }: MemoryState,
  now: DateTime.Utc,
  id: ProjectId,
  cancelRequest: CancelRequest | null
): ProjectRecord | null => {
  const kept = projects.get(id)
  if (kept === undefined) return null
  const record = {
    ...kept.record,
    closedAt: kept.record.closedAt ?? now,
    cancelRequest: kept.record.cancelRequest ?? cancelRequest
  }
  projects.set(id, { ...kept, record })
  return record
}

export const isFinishable = (state: MemoryState, id: ProjectId): boolean => {
  const record = state.projects.get(id)?.record
  return (
    record !== undefined &&
    record.closedAt !== null &&
    record.finishedAt === null &&
    !hasUnfinished(state, id)
  )
}

export const finish = (state: MemoryState, now: DateTime.Utc, id: ProjectId): CountedProject | null => {
  const counted = isFinishable(state, id) ? count(state, id) : null
  if (counted === null) return null
  const record = { ...counted.project, finishedAt: now }
  const keptUntil = DateTime.addDuration(now, projectLifetime)
  state.projects.set(id, { record, finished: { counts: counted.counts, keptUntil } })
  return { ...counted, project: record }
}
