/** Bugs in who is given which jobs. */
import { Context, Effect, Struct } from "effect"
import { PolicyRepo, type StoredPolicy } from "../../../src/domain/policies/PolicyRepo.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { type Bug, inJobs } from "./Bug.ts"

export const claims: ReadonlyArray<Bug> = [
  {
    name: "limits that are not looked at",
    why: "a service that takes two callers gets twenty",
    foundBy: ["limits"],
    firstSeed: 25,
    wrapping: inJobs((repo) => ({
      claim: (claim) =>
        repo.claim({ ...claim, sources: claim.sources.map((source) => ({ ...source, limits: null })) })
    }))
  },
  {
    name: "skills that are taken for granted",
    why: "a job that needs much memory goes to a worker with little",
    foundBy: ["only eligible workers", "the best worker gets it"],
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
    foundBy: ["only eligible workers", "bans"],
    firstSeed: 25,
    wrapping: (store) =>
      Context.add(store, WorkerRepo, { ...Context.get(store, WorkerRepo), restricted: Effect.succeed([]) })
  },
  {
    name: "pauses that nobody hears of",
    why: "a service that is down for repair is called all the same",
    foundBy: ["only eligible workers"],
    firstSeed: 8,
    wrapping: (store) => {
      const repo = Context.get(store, PolicyRepo)
      const unpaused = (policy: StoredPolicy) => ({ ...policy, own: Struct.omit(policy.own, ["paused"]) })
      return Context.add(store, PolicyRepo, {
        ...repo,
        all: Effect.map(repo.all, (policies) => policies.map(unpaused))
      })
    }
  },
  {
    name: "a store that never says which groups have work",
    why: "work that was not heard of is never done: a wake-up that got lost stays lost",
    foundBy: ["no wake-up is lost", "nobody waits in vain", "everything ends"],
    firstSeed: 1,
    wrapping: inJobs(() => ({ pendingGroups: Effect.succeed([]) }))
  }
]
