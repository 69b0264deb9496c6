/** Bugs in what is told of progress. */
import { Effect } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { type Bug, inJobs } from "./Bug.ts"

export const progress: ReadonlyArray<Bug> = [
  {
    name: "progress that is stored again when it is sent again",
    why: "lines of the log are there twice",
    foundBy: ["progress once and in order"],
    firstSeed: 86,
    wrapping: inJobs((repo) => ({
      recordProgress: (batch) =>
        Effect.flatMap(repo.find(batch.map(({ job }) => job)), (jobs) =>
          repo.recordProgress(
            batch.map((write, index) => {
              const mark = jobs[index]?.attempt?.mark ?? write.mark
              const events = write.events.map((event, place) => ({ ...event, id: mark + 1 + place }))
              return { ...write, mark, events }
            })
          )
        )
    }))
  },
  {
    name: "followers that are not told of one event in three",
    why: "a log has holes",
    foundBy: ["followers miss nothing"],
    firstSeed: 7,
    wrapping: inJobs((repo) => ({
      progressSince: (attempt, after, limit) =>
        Effect.map(repo.progressSince(attempt, after, limit), (page) => ({
          ...page,
          items: page.items.filter(({ id }) => id % 3 !== 1)
        }))
    }))
  },
  {
    name: "a version that never changes",
    why: "whoever follows a job waits for ever",
    foundBy: ["followers are told soon", "followers miss nothing"],
    firstSeed: 3,
    wrapping: inJobs((repo) => {
      const first = new Map<JobId, number | null>()
      return {
        version: (id) =>
          Effect.map(repo.version(id), (version) => {
            const known = first.get(id) ?? version
            first.set(id, known)
            return known
          })
      }
    })
  }
]
