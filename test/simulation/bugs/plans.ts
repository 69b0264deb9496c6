/** Bugs in schedules and projects. */
import { Context, Effect } from "effect"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { type Bug, unknownId } from "./Bug.ts"

export const plans: ReadonlyArray<Bug> = [
  {
    name: "a tick that gets two jobs",
    why: "what is done once a day is done twice",
    foundBy: ["one job for each tick"],
    firstSeed: 9,
    wrapping: (store) => {
      const repo = Context.get(store, ScheduleRepo)
      return Context.add(store, ScheduleRepo, {
        ...repo,
        fire: (batch) =>
          repo.fire(
            batch.map((firing) => ({
              ...firing,
              jobs: firing.jobs.flatMap((job) => [job, { ...job, id: unknownId(job.id) }])
            }))
          )
      })
    }
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
