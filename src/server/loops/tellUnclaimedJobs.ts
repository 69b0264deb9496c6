/** Tells of jobs that have been due for long without a worker claiming them. */
import { Duration, Effect } from "effect"
import { type Ability, abilityOf } from "../../domain/explaining/Ability.ts"
import { EventHub } from "../../domain/events/EventHub.ts"
import { takersOf } from "../../domain/explaining/explainNobody.ts"
import type { Circumstances } from "../../domain/jobs/JobChange.ts"
import type { ChangedJob } from "../../domain/jobs/Job.ts"
import { JobRepo, type Wait } from "../../domain/jobs/JobRepo.ts"
import { LiveWorkers } from "../../domain/workers/LiveWorkers.ts"
import { retryForever } from "../../domain/retryForever.ts"
import { SupervisorPolicy } from "../../domain/policies/SupervisorPolicy.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

/** For each group of these jobs, which live workers could take them after the time of its `Wait`. */
const abilitiesFor = Effect.fnUntraced(function* (
  jobs: ReadonlyArray<ChangedJob>,
  waits: ReadonlyArray<Wait>
): Effect.fn.Return<ReadonlyMap<number, Ability>, never, LiveWorkers> {
  const liveWorkers = yield* LiveWorkers
  const found = new Set(jobs.map(({ group }) => group.id))
  const abilities = new Map<number, Ability>()
  for (const { after, group } of waits) {
    if (!found.has(group.id)) continue
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
  const waits = (yield* repo.pendingGroups).flatMap((group): ReadonlyArray<Wait> => {
    const { unclaimedAlert } = policies.of(group.type)
    return unclaimedAlert === null ? [] : [{ group, after: unclaimedAlert }]
  })
  const { done, next } = yield* repo.unclaimed(waits, largestBatch)
  if (done.length > 0) {
    const abilities = yield* abilitiesFor(done, waits)
    const circumstances = done.map((job): Circumstances => {
      const ability = abilities.get(job.group.id)
      return { by: null, error: null, ...(ability !== undefined && { takers: takersOf(ability, job) }) }
    })
    yield* hub.publish("unclaimed", done, circumstances)
  }
  return { count: done.length, next }
})

export const tellUnclaimedJobs = Effect.gen(function* () {
  const services = yield* Effect.context<EventHub | JobRepo | LiveWorkers | SupervisorPolicy>()
  return yield* Duty.run({
    name: "tell of unclaimed jobs",
    step: Effect.provide(tellUnclaimed, services),
    // What comes now is seen at the backstop, which knows when its time is over: only an alert of less than that may be late.
    dueAfter: () => null
  })
})
