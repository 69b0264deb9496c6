/**
 * Bugs that are planted to see that the simulation can fail: each puts something else in the place of a part of the store, as
 * one line of code might. Each is found by one of the checkers that are named.
 */
import { Clock, Context, Duration, Effect } from "effect"
import { JobId } from "../../src/domain/Identifiers.ts"
import { JobRepo } from "../../src/domain/JobRepo.ts"
import { ProjectRepo } from "../../src/domain/ProjectRepo.ts"
import { RetentionRepo } from "../../src/domain/RetentionRepo.ts"
import { ScheduleRepo } from "../../src/domain/ScheduleRepo.ts"
import type { Store } from "../../src/domain/Store.ts"
import { WorkerRepo } from "../../src/domain/WorkerRepo.ts"
import type { Wrapping } from "./Servers.ts"

export interface Bug {
  readonly name: string
  /** What it would do to users. */
  readonly why: string
  /** The checkers that may be the first to see it. */
  readonly foundBy: ReadonlyArray<string>
  /** From which seed on it is looked for: one that shows it soon. */
  readonly firstSeed: number
  readonly wrapping: Wrapping
}

type Jobs = JobRepo["Service"]

const inStore = (change: (store: Context.Context<Store>) => Context.Context<Store>): Wrapping => ({
  store: change,
  services: (services) => services
})

const inJobs = (change: (repo: Jobs) => Partial<Jobs>): Wrapping =>
  inStore((store) => {
    const repo = Context.get(store, JobRepo)
    return Context.add(store, JobRepo, { ...repo, ...change(repo) })
  })

/** The effect at a time that is so many milliseconds ahead. */
const ahead = <A>(millis: number, effect: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.clockWith((clock) =>
    Effect.provideService(effect, Clock.Clock, {
      ...clock,
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + millis
    })
  )

/** The id of a job that there is none of. */
const unknownId = (id: JobId): JobId => JobId.make(`${id.slice(0, -6)}000000`)

/** True for one in so many. */
const oneIn = (many: number) => {
  let count = 0
  return () => ++count % many === 0
}

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "a store without the fence",
    why: "a worker that was taken for dead overwrites what its successor does",
    foundBy: ["the fence holds", "no outcome twice"],
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
    firstSeed: 2,
    wrapping: inJobs(() => ({ overdue: () => Effect.succeed({ done: [], next: null }) }))
  },
  {
    name: "jobs that become due two seconds early",
    why: "what was meant for later happens now",
    foundBy: ["clocks"],
    firstSeed: 1,
    wrapping: inJobs((repo) => ({ promote: (limit) => ahead(2_000, repo.promote(limit)) }))
  },
  {
    name: "jobs that do not expire",
    why: "work is done that nobody wants any more",
    foundBy: ["clocks", "everything ends"],
    firstSeed: 1,
    wrapping: inJobs(() => ({ expire: () => Effect.succeed({ done: [], next: null }) }))
  },
  {
    name: "a creation that is acknowledged and not stored",
    why: "jobs are lost",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 1,
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
    firstSeed: 1,
    wrapping: inJobs((repo) => ({
      insert: (batch) => repo.insert(batch.map((submission) => ({ ...submission, idempotency: null })))
    }))
  },
  {
    name: "a dropped retry",
    why: "a job that failed once waits for ever",
    foundBy: ["backoff", "everything ends"],
    firstSeed: 4,
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
    firstSeed: 4,
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
    firstSeed: 4,
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
  },
  {
    name: "limits that are not looked at",
    why: "a service that takes two callers gets twenty",
    foundBy: ["limits"],
    firstSeed: 4,
    wrapping: inJobs((repo) => ({
      claim: (claim) =>
        repo.claim({ ...claim, sources: claim.sources.map((source) => ({ ...source, limits: null })) })
    }))
  },
  {
    name: "skills that are taken for granted",
    why: "a job that needs much memory goes to a worker with little",
    foundBy: ["only eligible workers"],
    firstSeed: 7,
    wrapping: inJobs((repo) => ({
      claim: (claim) =>
        repo.claim({
          ...claim,
          seekers: claim.seekers.map((seeker) => ({
            ...seeker,
            suitability: {
              ...seeker.suitability,
              skills: { ...seeker.suitability.skills, memory: 64, gpu: ["cuda"], region: "eu" }
            }
          }))
        })
    }))
  },
  {
    name: "bans that nobody hears of",
    why: "a broken worker goes on breaking jobs",
    foundBy: ["only eligible workers"],
    firstSeed: 1,
    wrapping: inStore((store) =>
      Context.add(store, WorkerRepo, { ...Context.get(store, WorkerRepo), restricted: Effect.succeed([]) })
    )
  },
  {
    name: "progress that is stored again when it is sent again",
    why: "lines of the log are there twice",
    foundBy: ["progress once and in order"],
    firstSeed: 7,
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
    name: "a store that never says which groups have work",
    why: "work that was not heard of is never done: a wake-up that got lost stays lost",
    foundBy: ["assigned at once", "everything ends"],
    firstSeed: 1,
    wrapping: inJobs(() => ({ pendingGroups: Effect.succeed([]) }))
  },
  {
    name: "retention that is over too early",
    why: "a result is deleted before anybody has read it",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 1,
    wrapping: inStore((store) => {
      const repo = Context.get(store, RetentionRepo)
      return Context.add(store, RetentionRepo, {
        ...repo,
        oldest: ahead(Duration.toMillis("8 days"), repo.oldest),
        deleteFinished: (outdated, limit) =>
          ahead(Duration.toMillis("8 days"), repo.deleteFinished(outdated, limit))
      })
    })
  },
  {
    name: "a tick that gets two jobs",
    why: "what is done once a day is done twice",
    foundBy: ["one job for each tick"],
    firstSeed: 1,
    wrapping: inStore((store) => {
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
    })
  },
  {
    name: "a project that says it is closed and is not",
    why: "jobs get into a project that its owner has done with",
    foundBy: ["projects"],
    firstSeed: 1,
    wrapping: inStore((store) => {
      const repo = Context.get(store, ProjectRepo)
      return Context.add(store, ProjectRepo, {
        ...repo,
        close: (id) => Effect.map(repo.count(id), (counted) => counted?.project ?? null)
      })
    })
  }
]
