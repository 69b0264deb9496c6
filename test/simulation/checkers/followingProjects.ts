/** Followers of projects are told how they stand, soon after each change, and of the end last. */
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import type { CountedProject } from "../../../src/domain/projects/Project.ts"
import { positionOf } from "../../../src/domain/projects/ProjectFollowing.ts"
import type { CheckerMaker, Sighting } from "../Checker.ts"
import { ProjectCounts, textOf } from "./known/ProjectCounts.ts"

/** How often a server looks by itself how a project stands. */
const backstop = 15_000
/** How often it does at most, how long it rests when the store was away, and the way of a word to a follower. */
const pace = 250 + 500 + 100

type Told = Extract<Sighting, { readonly _tag: "ProjectTold" }>

const textOfStanding = ({ counts, project }: Pick<CountedProject, "counts" | "project">): string => {
  const { cancelRequest, closedAt, finishedAt } = project
  const times = [closedAt, finishedAt].map((time) => time?.epochMilliseconds ?? "never").join(" ")
  return `${textOf(counts)}; closed and finished ${times}; ${cancelRequest === null ? "" : "to be cancelled"}`
}

export const followingProjects: CheckerMaker = {
  name: "followers of projects",
  make: (facts, violated) => {
    const counts = new ProjectCounts()
    /** How each project has ever stood, the newest last, and since when it stands so. */
    const standings = new Map<ProjectId, Array<string>>()
    const changedAt = new Map<ProjectId, number>()
    /** What each follower was told last, and how far that is in the standings of its project. */
    const told = new Map<string, { readonly counted: CountedProject; readonly place: number }>()
    /** Those who were told of the end on the stream that they read. */
    const ended = new Set<string>()
    const listening = new Map<string, { readonly project: ProjectId; readonly since: number }>()

    const note = (id: ProjectId, heardAfter: number) => {
      const kept = facts.state.projects.get(id)
      if (kept === undefined) return
      const standing = textOfStanding({
        counts: kept.finished?.counts ?? counts.of(id),
        project: kept.record
      })
      const known = standings.get(id) ?? []
      standings.set(id, known)
      if (known.at(-1) === standing) return
      known.push(standing)
      changedAt.set(id, facts.now() + heardAfter)
    }

    const checkTold = ({ event, follower, project }: Told) => {
      if (ended.has(follower)) violated(`${follower} was told of ${event._tag} after the end of ${project}`)
      if (event._tag === "Percent") {
        if (!told.has(follower)) violated(`${follower} was told the percent of ${project} and nothing before`)
        return
      }
      const { counted } = event
      const standing = textOfStanding(counted)
      const last = told.get(follower)
      const place = standings.get(project)?.indexOf(standing, last?.place ?? 0) ?? -1
      if (place < 0)
        violated(`${follower} was told of ${project}: ${standing}; that is not so, nor was it since`)
      if (event._tag === "End") {
        if (counted.project.finishedAt === null)
          violated(`${follower} was told the end of ${project}, which is not finished`)
        ended.add(follower)
      }
      told.set(follower, { counted, place })
    }

    const checkSoon = (follower: string, project: ProjectId, since: number) => {
      const due = Math.max(since, changedAt.get(project) ?? 0)
      const late = facts.delays.lateness(due)
      if (!facts.troubles.isSafeSince(due) || late <= facts.delays.lag(backstop) + pace) return
      const last = told.get(follower)
      const heard = last === undefined ? "nothing" : textOfStanding(last.counted)
      const standing = standings.get(project)?.at(-1)
      if (heard !== standing)
        violated(`${follower} has heard of ${project}: ${heard}; and not in ${late} ms of ${standing}`)
      else if (last?.counted.project.finishedAt != null)
        violated(`${follower} was told the end of ${project}, and has listened for more for ${late} ms`)
    }

    const checkTheEnd = (follower: string, project: ProjectId) => {
      const last = told.get(follower)
      if (last === undefined || positionOf(last.counted) === "0")
        violated(`${follower} was told that nothing follows of ${project}, and never of its end`)
    }

    return {
      changed: (change) => {
        const project = counts.changed(change)
        // Nobody is told of jobs that are deleted.
        if (project !== null) note(project, change.after === null ? backstop : 0)
      },
      projectChanged: (id) => note(id, 0),
      saw: (sighting) => {
        if (sighting._tag === "ProjectTold") {
          listening.delete(sighting.follower)
          checkTold(sighting)
        }
        if (sighting._tag === "ProjectFollowListens") {
          const { follower, project } = sighting
          listening.set(follower, { project, since: facts.now() })
        }
        if (sighting._tag === "ProjectFollowBroke") {
          const { follower } = sighting
          listening.delete(follower)
          ended.delete(follower)
          // Another server may have read it earlier.
          const last = told.get(follower)
          if (last !== undefined) told.set(follower, { ...last, place: 0 })
        }
        if (sighting._tag === "ProjectFollowedToTheEnd") checkTheEnd(sighting.follower, sighting.project)
        if (sighting._tag === "Glance") {
          for (const [follower, { project, since }] of listening) checkSoon(follower, project, since)
        }
      }
    }
  }
}
