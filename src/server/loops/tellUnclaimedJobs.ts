/** Tells of jobs that have been due for long without a worker claiming them. */
import { Duration, Effect } from "effect"
import { type Ability, abilityOf } from "../../domain/explaining/Ability.ts"
import { EventHub } from "../../domain/events/EventHub.ts"
import { takersOf } from "../../domain/explaining/explainNobody.ts"
import { unclaimedAfter } from "../../domain/jobs/dueAfter.ts"
import type { Circumstances } from "../../domain/jobs/JobChange.ts"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import type { Waited, WaitsOf } from "../../domain/jobs/Waited.ts"
import { LiveWorkers } from "../../domain/workers/LiveWorkers.ts"
import { retryForever } from "../../domain/retryForever.ts"
import { SupervisorPolicy } from "../../domain/policies/SupervisorPolicy.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

/** For each group of these jobs, which live workers could take them after the time of its `Wait`. */
const abilitiesFor = Effect.fnUntraced(function* (
  unclaimed: ReadonlyArray<Waited>
): Effect.fn.Return<ReadonlyMap<number, Ability>, never, LiveWorkers> {
  const liveWorkers = yield* LiveWorkers
  const abilities = new Map<number, Ability>()
  for (const {
    after,
    job: { group }
  } of unclaimed) {
    if (abilities.has(group.id)) continue
    // The jobs will not be found again: they are told of as soon as this is known.
    const living = yield* retryForever("look who could take unclaimed jobs", liveWorkers.forType(group.type))
    abilities.set(group.id, abilityOf(living, group, Duration.toMillis(after)))
  }
  return abilities
})

/** Publishes a batch of the jobs whose time has come since the last batch. */
export const tellUnclaimed = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const policies = yield* SupervisorPolicy
  const waitsOf: WaitsOf = ({ type }) => {
    const { unclaimedAlert } = policies.of(type)
    return unclaimedAlert === null ? [] : [unclaimedAlert]
  }
  const { done, next } = yield* repo.unclaimed(waitsOf, largestBatch)
  if (done.length > 0) {
    const abilities = yield* abilitiesFor(done)
    const jobs = done.map(({ job }) => job)
    const circumstances = jobs.map((job): Circumstances => {
      const ability = abilities.get(job.group.id)
      return { by: null, error: null, ...(ability !== undefined && { takers: takersOf(ability, job) }) }
    })
    yield* hub.publish("unclaimed", jobs, circumstances)
  }
  return { count: done.length, next }
})

export const tellUnclaimedJobs = Effect.gen(function* () {
  const services = yield* Effect.context<EventHub | JobRepo | LiveWorkers | SupervisorPolicy>()
  const policies = yield* SupervisorPolicy
  return yield* Duty.run({
    name: "tell of unclaimed jobs",
    step: Effect.provide(tellUnclaimed, services),
    dueAfter: (job, change) => {
      const wait = unclaimedAfter(job, change, policies.of(job.group.type).unclaimedAlert)
      // What has longer is seen at the backstop, which knows when its time is over.
      return wait === null || Duration.isGreaterThan(wait, Duty.usualBackstop) ? null : wait
    }
  })
})
