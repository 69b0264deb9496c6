/** Bugs in how attempts end and what follows. */
import { Duration, Effect } from "effect"
import { ahead, type Bug, inJobs } from "./Bug.ts"

export const attempts: ReadonlyArray<Bug> = [
  {
    name: "a store without the fence",
    why: "a worker that was taken for dead overwrites what its successor does",
    foundBy: ["the fence holds", "no outcome twice", "strangers are refused"],
    firstSeed: 7,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        Effect.flatMap(repo.find(batch.map(({ job }) => job)), (jobs) =>
          repo.end(
            batch.map((end, index) => ({
              ...end,
              worker: null,
              attempt: jobs[index]?.attempt?.id ?? end.attempt
            }))
          )
        )
    }))
  },
  {
    name: "a result that is not kept",
    why: "a job is done, and nobody can read what came of it",
    foundBy: ["no outcome twice"],
    firstSeed: 1,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        repo.end(batch.map((end) => ({ ...end, transition: { ...end.transition, result: null } })))
    }))
  },
  {
    name: "clocks of attempts that run out a second early",
    why: "a worker that keeps its lease loses its job",
    foundBy: ["clocks"],
    firstSeed: 1,
    wrapping: inJobs((repo) => ({
      overdue: (limit) => ahead(1_000, repo.overdue(limit)),
      end: (batch) => repo.end(batch.map((end) => ({ ...end, onlyIfOverdue: false })))
    }))
  },
  {
    name: "leases that nobody ends",
    why: "the jobs of dead workers are never done",
    foundBy: ["everything ends", "clocks"],
    firstSeed: 3,
    wrapping: inJobs(() => ({ overdue: () => Effect.succeed({ done: [], next: null }) }))
  },
  {
    name: "a dropped retry",
    why: "a job that failed once waits for ever",
    foundBy: ["backoff", "everything ends"],
    firstSeed: 6,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        repo.end(
          batch.map((end) =>
            end.transition.status === "scheduled"
              ? { ...end, transition: { ...end.transition, wait: Duration.days(1_000) } }
              : end
          )
        )
    }))
  },
  {
    name: "failures that spend nothing",
    why: "a job that always fails is tried for ever",
    foundBy: ["budgets"],
    firstSeed: 2,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        repo.end(batch.map((end) => ({ ...end, transition: { ...end.transition, spends: "nothing" } })))
    }))
  },
  {
    name: "a last loss that is not the last",
    why: "a job that kills its worker kills all of them",
    foundBy: ["budgets"],
    firstSeed: 93,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        repo.end(
          batch.map((end) => {
            const { transition } = end
            return transition.outcome === "lost" && transition.status === "failed"
              ? { ...end, transition: { ...transition, status: "pending", wait: Duration.zero } }
              : end
          })
        )
    }))
  },
  {
    name: "no backoff",
    why: "a service that is down is asked again and again at once",
    foundBy: ["backoff"],
    firstSeed: 6,
    wrapping: inJobs((repo) => ({
      end: (batch) =>
        repo.end(
          batch.map((end) =>
            end.transition.status === "scheduled"
              ? { ...end, transition: { ...end.transition, status: "pending", wait: Duration.zero } }
              : end
          )
        )
    }))
  }
]
