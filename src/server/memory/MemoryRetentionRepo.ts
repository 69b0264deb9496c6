/** How finished jobs leave the store in memory. */
import { DateTime, Duration, Effect, Layer } from "effect"
import type { JobRecord } from "../../domain/jobs/Job.ts"
import { type FinishedJobs, RetentionRepo } from "../../domain/jobs/RetentionRepo.ts"
import { forget, Memory, type MemoryState, step } from "./MemoryState.ts"

interface FinishedJob extends FinishedJobs {
  readonly job: JobRecord
}

/** The finished jobs, those that have been finished for the longest time first. */
const finishedJobs = ({ byStatus }: MemoryState, now: DateTime.Utc): ReadonlyArray<FinishedJob> =>
  [...byStatus.done.values(), ...byStatus.failed.values(), ...byStatus.cancelled.values()]
    .map((job) => ({
      job,
      type: job.group.type,
      kind: job.status === "done" ? ("done" as const) : ("failed" as const),
      age: job.finishedAt === null ? Duration.zero : DateTime.distance(job.finishedAt, now)
    }))
    .toSorted((left, right) => Duration.Order(right.age, left.age))

const isAlike = (left: FinishedJobs, right: FinishedJobs) =>
  left.type === right.type && left.kind === right.kind

export const layer = Layer.effect(
  RetentionRepo,
  Effect.map(Memory, (state) =>
    RetentionRepo.of({
      oldest: step((now) => {
        const first = new Map<string, FinishedJobs>()
        for (const { age, kind, type } of finishedJobs(state, now)) {
          const key = `${kind} ${type}`
          if (!first.has(key)) first.set(key, { type, kind, age })
        }
        return [...first.values()]
      }),
      deleteFinished: (outdated, limit) =>
        step((now) => {
          const leaving = finishedJobs(state, now)
            .filter((finished) =>
              outdated.some(
                (one) => isAlike(one, finished) && Duration.isGreaterThanOrEqualTo(finished.age, one.age)
              )
            )
            .slice(0, limit)
          for (const { job } of leaving) forget(state, job)
          return leaving.length
        })
    })
  )
)
