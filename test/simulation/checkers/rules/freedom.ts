/** Where no rule of the supervisor keeps jobs back: what is pending there is given to whoever may have it. */
import { DateTime, Duration } from "effect"
import { limitsOf } from "../../../../src/domain/matching/Limits.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { Policy } from "../../../../src/domain/policies/Policy.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { RoomLeft } from "../known/RoomLeft.ts"

/** Whether nothing keeps back the jobs of the type, and nothing has for longer than a tick: no pause, limit or patience. */
export const isFree = (facts: Facts, type: string): boolean =>
  facts.rules
    .policiesOf(type, facts.delays.tick)
    .every((policy) => !policy.paused && Duration.isZero(policy.patience) && limitsOf(policy) === null)

/** Whether a job that has been pending since a time has been so for a tick longer than it is kept for a better worker. */
const isPatienceOver = (facts: Facts, { patience }: Policy, { runAt }: JobRecord, since: number): boolean => {
  const longest = Duration.toMillis(patience)
  // By a clock that was set back a job has to wait for longer.
  return (
    longest === 0 ||
    (facts.delays.lateness(since + longest) > facts.delays.tick &&
      facts.now() - DateTime.toEpochMillis(runAt) > longest + facts.delays.tick)
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
  const policies = facts.rules.policiesOf(job.group.type, facts.delays.tick)
  return policies.every(
    (policy) =>
      !policy.paused &&
      isPatienceOver(facts, policy, job, since) &&
      (limitsOf(policy) === null ||
        (policies.length === 1 && room.hasHad(policy, job, worker, facts.delays.tick)))
  )
}

/** Whether nothing keeps the worker from the type, and nothing has for longer than a tick. */
export const isUnrestricted = (facts: Facts, worker: string, type: string): boolean =>
  facts.rules.worker(worker, facts.delays.tick).every((known) => {
    const until = known?.quarantines.get(type)
    return (
      (known === null || known.state === "active") &&
      (until === undefined ||
        (facts.rules.areQuarantinesCounted(facts.delays.tick) &&
          DateTime.toEpochMillis(until) < facts.now() - facts.delays.tick))
    )
  })
