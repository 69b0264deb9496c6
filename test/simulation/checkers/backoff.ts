/** After a failure a job waits as its type's backoff says: `initial` by `factor`, at most `max`, spread by `jitter`. */
import { DateTime, Duration, Predicate } from "effect"
import type { Policy } from "../../../src/domain/policies/Policy.ts"
import type { CheckerMaker } from "../Checker.ts"

/** The shortest and the longest wait after so many failures. */
const range = ({ backoff }: Policy, failures: number): readonly [number, number] => {
  const initial = Duration.toMillis(backoff.initial)
  let wait = initial
  if (backoff.kind === "linear") wait = initial + initial * backoff.factor * (failures - 1)
  if (backoff.kind === "exponential") for (let count = 1; count < failures; count++) wait *= backoff.factor
  wait = Math.min(wait, Duration.toMillis(backoff.max))
  return [wait * (1 - backoff.jitter) - 1, wait * (1 + backoff.jitter) + 1]
}

/** What workers of a run wish for. */
const wished = new Set([0, 3_210])

export const backoff: CheckerMaker = {
  name: "backoff",
  make: (facts, violated) => ({
    changed: ({ after, before, id }) => {
      const attempt = after?.job.attempt
      if (before?.job.status !== "processing" || attempt?.endedAt == null || attempt.nextRunAt === null)
        return
      const wait = DateTime.toEpochMillis(attempt.nextRunAt) - DateTime.toEpochMillis(attempt.endedAt)
      if (attempt.outcome === "lost" || attempt.outcome === "released") {
        if (wait !== 0) violated(`${id} waits ${wait} ms though nothing failed`)
        return
      }
      const failures = after?.job.failures ?? 0
      const ranges = facts.policiesOf(after?.job.group.type ?? "").map((policy) => range(policy, failures))
      const isWish = attempt.outcome === "failed" && wished.has(wait) && Predicate.isNotNull(attempt.error)
      if (!isWish && !ranges.some(([least, most]) => least <= wait && wait <= most)) {
        violated(`${id} waits ${wait} ms after ${failures} failures, not ${JSON.stringify(ranges)}`)
      }
    }
  })
}
