/** Bugs in how jobs come, wait and go. */
import { Context, Duration, Effect } from "effect"
import { RetentionRepo } from "../../../src/domain/jobs/RetentionRepo.ts"
import { ahead, type Bug, inJobs, oneIn, unknownId } from "./Bug.ts"

export const jobs: ReadonlyArray<Bug> = [
  {
    name: "jobs that become due two seconds early",
    why: "what was meant for later happens now",
    foundBy: ["clocks"],
    firstSeed: 3,
    wrapping: inJobs((repo) => ({ promote: (limit) => ahead(2_000, repo.promote(limit)) }))
  },
  {
    name: "jobs that never become due",
    why: "what was meant for later is never done",
    foundBy: ["everything ends"],
    firstSeed: 1,
    wrapping: inJobs(() => ({ promote: () => Effect.succeed({ done: [], next: null }) }))
  },
  {
    name: "jobs that do not expire",
    why: "work is done that nobody wants any more",
    foundBy: ["clocks", "everything ends"],
    firstSeed: 3,
    wrapping: inJobs(() => ({ expire: () => Effect.succeed({ done: [], next: null }) }))
  },
  {
    name: "a creation that is acknowledged and not stored",
    why: "jobs are lost",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 3,
    wrapping: inJobs((repo) => {
      const isLost = oneIn(20)
      return {
        insert: (batch) =>
          Effect.map(repo.insert(batch), (answers) =>
            answers.map((answer) =>
              answer._tag === "Created" && isLost()
                ? { ...answer, jobs: answer.jobs.map((job) => ({ ...job, id: unknownId(job.id) })) }
                : answer
            )
          )
      }
    })
  },
  {
    name: "a retried creation that is taken for a new one",
    why: "a payment is made twice",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 3,
    wrapping: inJobs((repo) => ({
      insert: (batch) => repo.insert(batch.map((submission) => ({ ...submission, idempotency: null })))
    }))
  },
  {
    name: "retention that is over too early",
    why: "a result is deleted before anybody has read it",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 1,
    wrapping: (store) => {
      const repo = Context.get(store, RetentionRepo)
      return Context.add(store, RetentionRepo, {
        ...repo,
        oldest: ahead(Duration.toMillis("8 days"), repo.oldest),
        deleteFinished: (outdated, limit) =>
          ahead(Duration.toMillis("8 days"), repo.deleteFinished(outdated, limit))
      })
    }
  }
]
