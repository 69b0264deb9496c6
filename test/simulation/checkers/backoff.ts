/**
 * After a failure a job waits as its type's backoff says: `initial` by `factor`, at most `max`, spread by `jitter`; or as its
 * worker has said.
 */
import { DateTime, Duration } from "effect"
import type { Policy } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"
import { SaidFailures } from "./known/SaidFailures.ts"

/** The shortest and the longest wait after so many failures. */
const range = ({ backoff }: Policy, failures: number): readonly [number, number] => {
  const initial = Duration.toMillis(backoff.initial)
  let wait = initial
  if (backoff.kind === "linear") wait = initial + initial * backoff.factor * (failures - 1)
  if (backoff.kind === "exponential") for (let count = 1; count < failures; count++) wait *= backoff.factor
  wait = Math.min(wait, Duration.toMillis(backoff.max))
  return [wait * (1 - backoff.jitter) - 1, wait * (1 + backoff.jitter) + 1]
}

export const backoff: CheckerMaker = {
  name: "backoff",
  make: (facts, violated) => {
    const said = new SaidFailures()
    return {
      changed: ({ after, before, id }) => {
        const attempt = after?.job.attempt
        if (before?.job.status !== "processing" || attempt?.endedAt == null || attempt.nextRunAt === null)
          return
        const wait = DateTime.toEpochMillis(attempt.nextRunAt) - DateTime.toEpochMillis(attempt.endedAt)
        if (attempt.outcome === "lost" || attempt.outcome === "released") {
          if (wait !== 0) violated(`${id} waits ${wait} ms though nothing failed`)
          return
        }
        // A worker whose time was over may have said something that nobody heard.
        const wishes = attempt.outcome === "failed" ? said.of(attempt.id).map(({ retryIn }) => retryIn) : []
        if (wishes.some((wish) => wish !== null && Duration.toMillis(wish) === wait)) return
        const failures = after?.job.failures ?? 0
        const ranges = facts.rules
          .policiesOf(after?.job.group.type ?? "")
          .map((policy) => range(policy, failures))
        const isByRule = ranges.some(([least, most]) => least <= wait && wait <= most)
        if (!isByRule || (wishes.length > 0 && !wishes.includes(null)))
          violated(`${id} waits ${wait} ms after ${failures} failures, not ${JSON.stringify(ranges)}`)
      },
      saw: (sighting) => said.saw(sighting)
    }
  }
}
