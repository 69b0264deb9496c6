/** Limits hold across all servers: how many run of a type, of a worker, of a fairness key; how many begin in a period. */
import { Duration } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Policy } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../facts/StoreWatch.ts"

/** How long a beginning is remembered: no period of a run is longer. */
const longestPeriod = 60_000

export const limits: CheckerMaker = {
  name: "limits",
  make: (facts, violated) => {
    const running = new Map<JobId, JobRecord>()
    let begun: Array<{ readonly at: number; readonly elapsed: number; readonly type: string }> = []

    const whyNot = (policy: Policy, job: JobRecord): string | null => {
      const alike = [...running.values()].filter(({ group }) => group.type === job.group.type)
      const ofWorker = alike.filter(({ attempt }) => attempt?.worker === job.attempt?.worker)
      const ofKey = alike.filter(({ group }) => group.fairnessKey === job.group.fairnessKey)
      const { concurrency, perFairnessKey, perWorker, rateLimit } = policy
      if (concurrency !== null && alike.length > concurrency) return `${alike.length} run, of ${concurrency}`
      if (perWorker !== null && ofWorker.length > perWorker)
        return `the worker runs ${ofWorker.length}, of ${perWorker}`
      if (perFairnessKey !== null && ofKey.length > perFairnessKey)
        return `${ofKey.length} of the key run, of ${perFairnessKey}`
      if (rateLimit === null) return null
      const period = Duration.toMillis(rateLimit.period)
      // What began before there was this limit was counted by nobody; and when the clock is set, a period may be over early by
      // it, but what began is in the way for no longer for having begun in the time to come.
      const since = facts.now() - period
      const elapsedSince = Math.max(facts.elapsed() - period, facts.rules.since(job.group.type))
      const count = begun.filter(
        ({ at, elapsed, type }) => type === job.group.type && at > since && elapsed > elapsedSince
      ).length
      return count > rateLimit.limit ? `${count} began, of ${rateLimit.limit}` : null
    }

    return {
      changed: (change) => {
        const { after, id } = change
        if (after?.job.status !== "processing") return void running.delete(id)
        running.set(id, after.job)
        const job = givenBy(change)
        if (job === null) return
        const { type } = job.group
        const now = facts.now()
        begun = begun.filter(({ at }) => at > now - longestPeriod)
        begun.push({ at: now, elapsed: facts.elapsed(), type })
        const reasons = facts.rules.policiesOf(type).map((policy) => whyNot(policy, job))
        if (reasons.every((reason) => reason !== null)) violated(`${id} of ${type}: ${reasons.join("; ")}`)
      }
    }
  }
}
