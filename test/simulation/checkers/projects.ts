/** A project takes no jobs once it is closed; it is finished once, when it is closed and all its jobs are. */
import { DateTime } from "effect"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

export const projects: CheckerMaker = {
  name: "projects",
  make: (facts, violated) => {
    /** Those that somebody has wished to cancel; the retry of a job takes that back. */
    const cancelled = new Set<ProjectId>()
    return {
      changed: ({ after, before, id }) => {
        const project = after?.job.project ?? null
        if (before !== null || project === null) return
        const kept = facts.state.projects.get(project)
        // What it was created with is stored with it, though it may be closed from the beginning.
        const isFirst = kept !== undefined && DateTime.toEpochMillis(kept.record.createdAt) === facts.now()
        if (kept === undefined || (kept.record.closedAt !== null && !isFirst)) {
          violated(`${id} got into the project ${project}, which is closed`)
        }
      },
      projectChanged: (id, before, after) => {
        if (after?.record.cancelRequest != null) cancelled.add(id)
        if (after === null || after.record.finishedAt === null) return
        const jobs = [...facts.state.histories.values()].filter(({ job }) => job.project === id)
        if (before?.record.finishedAt != null) {
          const isSame = DateTime.Equivalence(before.record.finishedAt, after.record.finishedAt)
          return isSame ? undefined : violated(`the project ${id} is finished twice`)
        }
        if (after.record.closedAt === null) violated(`the project ${id} is finished and was never closed`)
        const unfinished = jobs.filter(({ job }) => !isFinished(job.status))
        if (unfinished.length > 0)
          violated(`the project ${id} is finished with ${unfinished.length} unfinished jobs`)
      },
      saw: (sighting) => {
        if (sighting._tag === "ProjectClosed") {
          const kept = facts.state.projects.get(sighting.project)
          if (kept !== undefined && kept.record.closedAt === null)
            violated(`${sighting.project} is open, and was acknowledged as closed`)
          if (kept !== undefined && sighting.isCancelled && !cancelled.has(sighting.project))
            violated(`${sighting.project} was acknowledged as cancelled, and is not`)
        }
        if (sighting._tag !== "End") return
        for (const [id, { record }] of facts.state.projects) {
          if (record.closedAt !== null && record.finishedAt === null)
            violated(`the project ${id} is never finished`)
        }
      }
    }
  }
}
