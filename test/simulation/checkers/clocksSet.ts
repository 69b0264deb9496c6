/** The clocks of an attempt are set as the worker, its job and the policy of its type say, and that of a cancellation too. */
import { DateTime, Duration } from "effect"
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Policy } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../facts/StoreWatch.ts"

const between = (from: DateTime.Utc, to: DateTime.Utc): number =>
  DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from)

const isSetBy = ({ maxRun, pickup }: Policy, job: JobRecord, attempt: AttemptRecord): boolean =>
  between(attempt.startedAt, attempt.runUntil) === Duration.toMillis(job.maxRun ?? maxRun) &&
  (pickup === null
    ? attempt.pickupBy === null
    : attempt.pickupBy !== null && between(attempt.startedAt, attempt.pickupBy) === Duration.toMillis(pickup))

/** What a worker may have wished for, which is known when it has the job. */
const leaseSaid = ({ lease, maxRun }: Policy, job: JobRecord, wish: Duration.Duration | null): number =>
  Math.min(Duration.toMillis(wish ?? job.lease ?? lease), Duration.toMillis(job.maxRun ?? maxRun))

export const clocksSet: CheckerMaker = {
  name: "clocks are set by the rules",
  make: (facts, violated) => {
    const begun = new Map<string, { readonly job: JobRecord; readonly policies: ReadonlyArray<Policy> }>()
    return {
      changed: (change) => {
        const { after, before, id } = change
        const attempt = after?.job.attempt
        if (after === null || attempt == null) return
        if (after.job.status !== "processing") return void begun.delete(attempt.id)
        const policies = facts.rules.policiesOf(after.job.group.type)
        if (givenBy(change) !== null) {
          begun.set(attempt.id, { job: after.job, policies })
          if (!policies.some((policy) => isSetBy(policy, after.job, attempt)))
            violated(`${attempt.id} of ${id} has other clocks than its policy says`)
          const lease = between(attempt.startedAt, attempt.leaseExpiresAt)
          if (lease !== Duration.toMillis(attempt.lease))
            violated(`${attempt.id} has ${lease} ms and not its lease`)
        }
        const last = before?.job.attempt
        if (last?.id === attempt.id && !DateTime.Equivalence(last.leaseExpiresAt, attempt.leaseExpiresAt)) {
          const left = DateTime.toEpochMillis(attempt.leaseExpiresAt) - facts.now()
          if (left !== Duration.toMillis(attempt.lease))
            violated(`${attempt.id} was given ${left} ms more and not its lease`)
        }
        const { cancelAt } = attempt
        if (cancelAt === null || before?.job.attempt?.cancelAt != null) return
        const grace = DateTime.toEpochMillis(cancelAt) - facts.now()
        if (!policies.some(({ cancelGrace }) => Duration.toMillis(cancelGrace) === grace))
          violated(`the worker of ${attempt.id} has ${grace} ms to stop`)
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        for (const { attempt } of sighting.claimed) {
          const known = begun.get(attempt.id)
          if (known === undefined) continue
          const lease = Duration.toMillis(attempt.lease)
          if (
            known.policies.every((policy) => leaseSaid(policy, known.job, sighting.vacancy.lease) !== lease)
          )
            violated(`${attempt.id} has a lease of ${lease} ms`)
        }
      }
    }
  }
}
