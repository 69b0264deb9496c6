/**
 * A project is finished soon after its last job has ended, with the counts of that moment, and is so no longer when one of
 * its jobs is retried. One that is created closed is closed from the beginning.
 */
import { DateTime } from "effect"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"
import { ProjectCounts, textOf } from "./known/ProjectCounts.ts"

/** How long a server gathers the ends of jobs, and more. */
const gathering = 1_000
/** How long it may take a server that looks every fifteen seconds: it may have looked just before, and again too early. */
const backstop = 30_000 + gathering

/** Since when a project could be finished and is not, and whether because its last job has ended. */
interface Ready {
  readonly since: number
  readonly hasJobEnded: boolean
}

export const projectsFinish: CheckerMaker = {
  name: "projects are finished soon",
  make: (facts, violated) => {
    const counts = new ProjectCounts()
    const ready = new Map<ProjectId, Ready>()

    /** Takes note of whether a project could be finished now. The end of its last job is heard of at once. */
    const look = (id: ProjectId, hasJobEnded: boolean): void => {
      const record = facts.state.projects.get(id)?.record
      if (record === undefined || record.closedAt === null || record.finishedAt !== null)
        return void ready.delete(id)
      if (counts.hasUnfinished(id)) return void ready.delete(id)
      if (ready.has(id)) return
      ready.set(id, { since: facts.now(), hasJobEnded })
    }

    const checkSoon = (id: ProjectId, { hasJobEnded, since }: Ready) => {
      const isHeardOf = hasJobEnded && facts.troubles.isSafeSince(since)
      const atMost = isHeardOf
        ? gathering + 20 * facts.options.storeDelay
        : facts.delays.lag(backstop) + backstop
      const late = facts.delays.lateness(since)
      if (late > atMost) violated(`all jobs of the project ${id} have ended for ${late} ms`)
    }

    return {
      changed: (change) => {
        const project = counts.changed(change)
        if (project === null) return
        const { after, id } = change
        const hasEnded = after !== null && isFinished(after.job.status)
        if (after !== null && !hasEnded && facts.state.projects.get(project)?.record.finishedAt != null)
          violated(`${id} is ${after.job.status}, and its project ${project} is finished`)
        look(project, hasEnded)
      },
      projectChanged: (id, before, after) => {
        const finished = after?.finished ?? null
        if (finished !== null && before?.finished == null) {
          const known = ready.get(id)
          if (known !== undefined) checkSoon(id, known)
          const [said, counted] = [textOf(finished.counts), textOf(counts.of(id))]
          if (said !== counted)
            violated(`the project ${id} is finished with ${said} jobs, and has ${counted}`)
        }
        look(id, false)
      },
      saw: (sighting) => {
        if (sighting._tag === "Glance") for (const [id, known] of ready) checkSoon(id, known)
        if (sighting._tag !== "ProjectCreated" || !sighting.isClosed) return
        const record = facts.state.projects.get(sighting.project)?.record
        if (record === undefined) return
        const { closedAt, createdAt, finishedAt, id } = record
        if (closedAt === null || !DateTime.Equivalence(closedAt, createdAt))
          violated(`the project ${id} was to be closed when it was created`)
        if (!sighting.hasJobs && finishedAt === null)
          violated(`the project ${id} was created without jobs and closed, and is not finished`)
      }
    }
  }
}
