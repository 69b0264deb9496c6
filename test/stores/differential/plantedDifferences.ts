/** Differences that are planted in the store in memory, as one line of code might make them, to see that they are found. */
import { Context, Duration, Effect, Struct } from "effect"
import type { AttemptEnd } from "../../../src/domain/attempts/AttemptEnd.ts"
import type { ClaimSource } from "../../../src/domain/jobs/Claim.ts"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import type { Store } from "../../../src/domain/Store.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { ahead, inJobs } from "../../simulation/bugs/Bug.ts"
import type { Wrapping } from "../../simulation/Servers.ts"

export interface PlantedDifference {
  readonly name: string
  /** Where it may be seen first: the kinds of step, and parts of the state. */
  readonly seenIn: ReadonlyArray<string>
  readonly wrapping: Wrapping
}

const inPart =
  <Self extends Store, Part extends object>(
    part: Context.Key<Self, Part>,
    change: (repo: Part) => Partial<Part>
  ): Wrapping =>
  (store) => {
    const repo = Context.get(store, part)
    return Context.add(store, part, { ...repo, ...change(repo) })
  }

const inSources = (change: (source: ClaimSource) => ClaimSource): Wrapping =>
  inJobs((repo) => ({ claim: (claim) => repo.claim({ ...claim, sources: claim.sources.map(change) }) }))

const inEnds = (change: (end: AttemptEnd) => AttemptEnd): Wrapping =>
  inJobs((repo) => ({ end: (batch) => repo.end(batch.map(change)) }))

export const plantedDifferences: ReadonlyArray<PlantedDifference> = [
  {
    name: "insert: a key that is used again for something else is taken for the same",
    seenIn: ["insert"],
    wrapping: inJobs((repo) => ({
      insert: (batch) =>
        repo.insert(
          batch.map((submission) => ({
            ...submission,
            idempotency: submission.idempotency && { ...submission.idempotency, fingerprint: "same" }
          }))
        )
    }))
  },
  {
    name: "insert: a job that may be tried without end is tried three times",
    seenIn: ["insert", "addProject", "fire"],
    wrapping: inJobs((repo) => ({
      insert: (batch) =>
        repo.insert(
          batch.map((submission) => ({
            ...submission,
            jobs: submission.jobs.map((job) => ({ ...job, maxAttempts: job.maxAttempts ?? 3 }))
          }))
        )
    }))
  },
  {
    name: "claim: leases of jobs that count for nothing",
    seenIn: ["claim"],
    wrapping: inJobs((repo) => ({
      claim: (claim) =>
        repo.claim({
          ...claim,
          seekers: claim.seekers.map((seeker) => ({ ...seeker, lease: seeker.lease ?? Duration.minutes(1) }))
        })
    }))
  },
  {
    name: "claim: nobody is kept from jobs",
    seenIn: ["claim"],
    wrapping: inJobs((repo) => ({
      claim: (claim) =>
        repo.claim({
          ...claim,
          seekers: claim.seekers.map((seeker) => ({ ...seeker, keptFrom: new Set() }))
        })
    }))
  },
  {
    name: "limits: any number of jobs may run at a time",
    seenIn: ["claim"],
    wrapping: inSources((source) => ({
      ...source,
      limits: source.limits && { ...source.limits, concurrency: null }
    }))
  },
  {
    name: "limits: any number of jobs may begin in a period",
    seenIn: ["claim"],
    wrapping: inSources((source) => ({
      ...source,
      limits: source.limits && { ...source.limits, rateLimit: null }
    }))
  },
  {
    name: "end: a clock that has not run out ends an attempt",
    seenIn: ["end"],
    wrapping: inEnds((end) => ({ ...end, onlyIfOverdue: false }))
  },
  {
    name: "end: a wait that is a millisecond longer",
    seenIn: ["end"],
    wrapping: inEnds((end) => ({
      ...end,
      transition: {
        ...end.transition,
        wait: end.transition.wait && Duration.sum(end.transition.wait, Duration.millis(1))
      }
    }))
  },
  {
    name: "amend: a job that keeps its priority",
    seenIn: ["amend"],
    wrapping: inJobs((repo) => ({
      amend: (batch) =>
        repo.amend(
          batch.map(({ amendment, job }) => ({ job, amendment: Struct.omit(amendment, ["priority"]) }))
        )
    }))
  },
  {
    name: "promote: jobs that are due a millisecond early",
    seenIn: ["promote"],
    wrapping: inJobs((repo) => ({ promote: (limit) => ahead(1, repo.promote(limit)) }))
  },
  {
    name: "projects: failed jobs that are not counted",
    seenIn: ["countProject", "finishProjects", "the state's projects"],
    wrapping: inPart(ProjectRepo, (repo) => ({
      count: (id) =>
        Effect.map(
          repo.count(id),
          (counted) => counted && { ...counted, counts: { ...counted.counts, failed: 0 } }
        )
    }))
  },
  {
    name: "progress: notes that are stored without what they say",
    seenIn: ["the state's progress"],
    wrapping: inJobs((repo) => ({
      recordProgress: (batch) =>
        repo.recordProgress(
          batch.map((write) => ({
            ...write,
            events: write.events.map((event) => (event.event === "note" ? { ...event, data: "" } : event))
          }))
        )
    }))
  },
  {
    name: "schedules: a firing that was decided upon another version",
    seenIn: ["fire"],
    wrapping: inPart(ScheduleRepo, (repo) => ({
      fire: (batch) =>
        Effect.forEach(batch, (firing) =>
          Effect.flatMap(repo.find(firing.schedule), (found) =>
            Effect.map(
              repo.fire([{ ...firing, version: found?.schedule.version ?? firing.version }]),
              ([fired = null]) => fired
            )
          )
        )
    }))
  },
  {
    name: "workers: somebody who has changed a worker that nobody has",
    seenIn: ["changeWorker"],
    wrapping: inPart(WorkerRepo, (repo) => ({
      change: (change) => repo.change({ ...change, by: change.by ?? "u" })
    }))
  }
]
