/** How long finished jobs are kept. */
import { Duration } from "effect"
import type { Retention } from "../policies/Policy.ts"
import type { FinishedJobs } from "./RetentionRepo.ts"

/** What is to be deleted by now, and how long until there is more: null if all the rest is kept for good. */
export interface Clearance {
  readonly outdated: ReadonlyArray<FinishedJobs>
  readonly next: Duration.Duration | null
}

/** Decides by the oldest of each kind which jobs have been kept for long enough. A retention of null is for ever. */
export const clearanceOf = (
  kinds: ReadonlyArray<{ readonly oldest: FinishedJobs; readonly retention: Retention }>
): Clearance => {
  const outdated: Array<FinishedJobs> = []
  let next: Duration.Duration | null = null
  for (const { oldest, retention } of kinds) {
    const keptFor = retention[oldest.kind]
    if (keptFor === null) continue
    if (Duration.isGreaterThanOrEqualTo(oldest.age, keptFor)) {
      outdated.push({ ...oldest, age: keptFor })
    } else {
      const left = Duration.subtract(keptFor, oldest.age)
      next = next === null ? left : Duration.min(next, left)
    }
  }
  return { outdated, next }
}
