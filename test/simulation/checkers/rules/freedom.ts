/** Where no rule of the supervisor keeps jobs back: what is pending there is given to whoever may have it. */
import { DateTime, Duration } from "effect"
import { limitsOf } from "../../../../src/domain/matching/Limits.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { Policy } from "../../../../src/domain/policies/Policy.ts"
import type { Facts } from "../../Facts.ts"
import type { RoomLeft } from "../known/RoomLeft.ts"

/** Whether nothing keeps back the jobs of the type, and nothing has for longer than a tick: no pause, limit or patience. */
export const isFree = (facts: Facts, type: string): boolean =>
  facts
    .policiesOf(type, facts.tick)
    .every((policy) => !policy.paused && Duration.isZero(policy.patience) && limitsOf(policy) === null)

/** Whether a job that has been pending since a time has been so for a tick longer than it is kept for a better worker. */
const isPatienceOver = (facts: Facts, { patience }: Policy, { runAt }: JobRecord, since: number): boolean => {
  const longest = Duration.toMillis(patience)
  // By a clock that was set back a job has to wait for longer.
  return (
    longest === 0 ||
    (facts.lateness(since + longest) > facts.tick &&
      facts.now() - DateTime.toEpochMillis(runAt) > longest + facts.tick)
  )
}

/**
 * Whether nothing keeps back a job from a worker, and nothing has for longer than a tick: no pause, no patience that is not
 * over, and no limit that it could be up to, where it is certain which limits are in force.
 */
export const mayBeGiven = (
  facts: Facts,
  room: RoomLeft,
  { job, since, worker }: { readonly job: JobRecord; readonly since: number; readonly worker: string }
): boolean => {
  const policies = facts.policiesOf(job.group.type, facts.tick)
  return policies.every(
    (policy) =>
      !policy.paused &&
      isPatienceOver(facts, policy, job, since) &&
      (limitsOf(policy) === null || (policies.length === 1 && room.hasHad(policy, job, worker, facts.tick)))
  )
}

/** Whether nothing keeps the worker from the type, and nothing has for longer than a tick. */
export const isUnrestricted = (facts: Facts, worker: string, type: string): boolean =>
  facts.worker(worker, facts.tick).every((known) => {
    const until = known?.quarantines.get(type)
    return (
      (known === null || known.state === "active") &&
      (until === undefined ||
        (facts.areQuarantinesCounted(facts.tick) && DateTime.toEpochMillis(until) < facts.now() - facts.tick))
    )
  })
