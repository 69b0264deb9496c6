/** Tells of jobs that have been due for long without a worker claiming them. */
import { Effect } from "effect"
import { EventHub } from "../../domain/EventHub.ts"
import { JobRepo } from "../../domain/JobRepo.ts"
import { SupervisorPolicy } from "../../domain/SupervisorPolicy.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

/** Tells a batch of the jobs whose time has come since the last batch. */
export const tellOverlooked = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const policies = yield* SupervisorPolicy
  const patience = yield* Effect.forEach(yield* repo.pendingGroups, (group) =>
    Effect.map(policies.of(group.type), ({ unclaimedAlert }) =>
      unclaimedAlert === null ? [] : [{ group, after: unclaimedAlert }]
    )
  )
  const { done, next } = yield* repo.unclaimed(patience.flat(), largestBatch)
  if (done.length > 0) yield* hub.publish("unclaimed", done)
  return { count: done.length, next }
})

export const tellUnclaimedJobs = Effect.gen(function* () {
  const services = yield* Effect.context<EventHub | JobRepo | SupervisorPolicy>()
  return yield* Duty.run({
    name: "tell of unclaimed jobs",
    step: Effect.provide(tellOverlooked, services),
    // What comes now is seen at the backstop, which knows when its time is over: only an alert of less than that may be late.
    dueAfter: () => null
  })
})
