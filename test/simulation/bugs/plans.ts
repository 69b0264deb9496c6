/** Bugs in schedules and projects. */
import { Context, Effect } from "effect"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { type Firing, ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import type { Wrapping } from "../Servers.ts"
import { type Bug, unknownId } from "./Bug.ts"

/** A store that makes something else of what schedules bring. */
const inFirings =
  (change: (firing: Firing) => Firing): Wrapping =>
  (store) => {
    const repo = Context.get(store, ScheduleRepo)
    return Context.add(store, ScheduleRepo, { ...repo, fire: (batch) => repo.fire(batch.map(change)) })
  }

export const plans: ReadonlyArray<Bug> = [
  {
    name: "a tick that gets two jobs",
    why: "what is done once a day is done twice",
    foundBy: ["one job for each tick"],
    firstSeed: 9,
    wrapping: inFirings((firing) => ({
      ...firing,
      jobs: firing.jobs.flatMap((job) => [job, { ...job, id: unknownId(job.id) }])
    }))
  },
  {
    name: "a tick that gets no job",
    why: "what is done once a day is not done one day, and nobody is told",
    foundBy: ["one job for each tick"],
    firstSeed: 31,
    wrapping: inFirings((firing) => ({ ...firing, jobs: [] }))
  },
  {
    name: "a project that says it is closed and is not",
    why: "jobs get into a project that its owner has done with",
    foundBy: ["projects"],
    firstSeed: 3,
    wrapping: (store) => {
      const repo = Context.get(store, ProjectRepo)
      return Context.add(store, ProjectRepo, {
        ...repo,
        close: (id) => Effect.map(repo.count(id), (counted) => counted?.project ?? null)
      })
    }
  }
]
