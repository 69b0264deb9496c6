/**
 * A failure spends one of `maxAttempts`, a loss one of `maxLost`, a release nothing. A job goes on while both have something
 * left, and ends as failed when one has not, or when it was said that there is no use in trying again.
 */
import type { CheckerMaker } from "../Checker.ts"
import { SaidFailures } from "./known/SaidFailures.ts"

export const budgets: CheckerMaker = {
  name: "budgets",
  make: (facts, violated) => {
    const said = new SaidFailures()
    return {
      changed: ({ after, before, id }) => {
        if (after === null || before?.job.status !== "processing") return
        const { attempt, failures, group, losses, maxAttempts, reason, status } = after.job
        if (attempt?.endedAt == null) return
        const { outcome } = attempt
        const spent = failures - before.job.failures
        const lost = losses - before.job.losses
        const isExpired = reason === "expired"
        const mustSpend = (outcome === "failed" || outcome === "timed-out") && !isExpired ? 1 : 0
        const mustLose = outcome === "lost" ? 1 : 0
        if (spent !== mustSpend || lost !== mustLose) {
          return violated(`${id}: ${outcome} spent ${spent} of the failures and ${lost} of the losses`)
        }
        const policies = facts.rules.policiesOf(group.type)
        const goesOn = status === "pending" || status === "scheduled"
        const wasAsked = before.job.attempt?.cancelAt != null
        if (mustSpend === 1) {
          const most = policies.map((policy) => maxAttempts ?? policy.maxAttempts)
          if (goesOn && !most.some((limit) => failures < limit))
            violated(`${id} goes on after ${failures} failures`)
          const words = outcome === "failed" ? said.of(attempt.id) : []
          const mayBeHopeless = words.some(({ retryable }) => !retryable)
          if (goesOn && words.length > 0 && words.every(({ retryable }) => !retryable))
            violated(`${id} goes on though its worker has said that there is no use in it`)
          if (status === "failed" && !mayBeHopeless && !most.some((limit) => failures >= limit)) {
            violated(`${id} was given up after ${failures} failures`)
          }
        }
        if (mustLose === 1) {
          if (goesOn && !policies.some((policy) => losses < policy.maxLost))
            violated(`${id} goes on after ${losses} losses`)
          if (status === "failed" && !policies.some((policy) => losses >= policy.maxLost)) {
            violated(`${id} was given up after ${losses} losses`)
          }
        }
        if (wasAsked && goesOn) violated(`${id} goes on though it was to be cancelled`)
        if (outcome === "released" && !goesOn && !wasAsked) violated(`${id} ended by being handed back`)
      },
      saw: (sighting) => said.saw(sighting)
    }
  }
}
