/** Keeps the logs of jobs within their caps. */
import { Effect } from "effect"
import type { JobId } from "../Identifiers.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import type { ProgressEvent } from "./SignOfLife.ts"

/** The size of a log is read from the store, which takes time, only when this part of its cap has been added to it. */
const part = 1 / 8
/** At most this many logs are tracked. At one more, the one tracked for longest is trimmed at once and forgotten. */
const mostKnown = 10_000

interface Added {
  readonly size: number
  readonly cap: number
}

/** Makes a function that has to be called with all events that are stored. */
export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const known = new Map<JobId, Added>()

  const trim = (job: JobId, cap: number) =>
    Effect.suspend(() => {
      known.delete(job)
      return repo.trimLog(job, cap)
    })

  const trimTheOldest = Effect.suspend(() => {
    const [oldest] = known
    return oldest === undefined ? Effect.void : trim(oldest[0], oldest[1].cap)
  })

  /** Counts the log chunks among these events, and drops the oldest part of the log when it may exceed its cap, in bytes. */
  return (job: JobId, cap: number, events: ReadonlyArray<ProgressEvent>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const length = events.reduce(
        (sum, { data, event }) => (event === "log_chunk" ? sum + data.length : sum),
        0
      )
      if (length === 0) return Effect.void
      const size = (known.get(job)?.size ?? 0) + length
      if (size >= cap * part) return trim(job, cap)
      known.set(job, { size, cap })
      return known.size > mostKnown ? trimTheOldest : Effect.void
    })
})
