/** How projects stand with their jobs, counted by what happens to each job. */
import type { ProjectId } from "../../../../src/domain/Identifiers.ts"
import { isFinished, JobStatus } from "../../../../src/domain/jobs/Job.ts"
import { noJobs, type StatusCounts } from "../../../../src/domain/stats/Flow.ts"
import type { Change } from "../../facts/StoreWatch.ts"

/** Counts as a text that is the same for the same counts. */
export const textOf = (counts: StatusCounts): string =>
  JobStatus.literals.map((status) => `${counts[status]} ${status}`).join(", ")

export class ProjectCounts {
  readonly #counts = new Map<ProjectId, StatusCounts>()

  /** The project of a job that has gone from one status to another, or was created or deleted; null for nothing of that. */
  changed({ after, before }: Change): ProjectId | null {
    const project = (after ?? before)?.job.project ?? null
    const [from, to] = [before?.job.status, after?.job.status]
    if (project === null || from === to) return null
    const counts = { ...this.of(project) }
    if (from !== undefined) counts[from] -= 1
    if (to !== undefined) counts[to] += 1
    this.#counts.set(project, counts)
    return project
  }

  of(project: ProjectId): StatusCounts {
    return this.#counts.get(project) ?? noJobs
  }

  hasUnfinished(project: ProjectId): boolean {
    const counts = this.of(project)
    return JobStatus.literals.some((status) => !isFinished(status) && counts[status] > 0)
  }
}
