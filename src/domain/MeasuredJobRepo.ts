/** The store of jobs, with a measure of how long it takes, and of how much it is given at once. */
import { Clock, Effect, Layer } from "effect"
import * as Histogram from "./Histogram.ts"
import { JobRepo } from "./JobRepo.ts"
import { type GroupedOperation, Measures, type StoreOperation } from "./Measures.ts"

const nanosPerSecond = 1e9

/** Over the store that is there. */
export const layer = Layer.effect(
  JobRepo,
  Effect.gen(function* () {
    const repo = yield* JobRepo
    const { batches, store } = yield* Measures
    const clock = yield* Clock.Clock

    const timed = <A>(operation: StoreOperation, call: Effect.Effect<A>): Effect.Effect<A> =>
      Effect.suspend(() => {
        const start = clock.monotonicTimeNanosUnsafe()
        return Effect.ensuring(
          call,
          Effect.sync(() =>
            Histogram.observe(
              store[operation],
              Number(clock.monotonicTimeNanosUnsafe() - start) / nanosPerSecond
            )
          )
        )
      })

    const grouped =
      <A, B>(
        operation: GroupedOperation,
        write: (batch: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>>
      ) =>
      (batch: ReadonlyArray<A>) =>
        Effect.suspend(() => {
          Histogram.observe(batches[operation], batch.length)
          return timed(operation, write(batch))
        })

    return JobRepo.of({
      ...repo,
      insert: grouped("insert", repo.insert),
      claim: (claim) => timed("claim", repo.claim(claim)),
      end: grouped("end", repo.end),
      renew: grouped("renew", repo.renew),
      recordProgress: grouped("recordProgress", repo.recordProgress),
      cancel: grouped("cancel", repo.cancel),
      retry: grouped("retry", repo.retry),

      find: (ids) => timed("find", repo.find(ids)),
      list: (filter) => timed("list", repo.list(filter)),
      history: (id) => timed("history", repo.history(id)),
      progressSince: (attempt, after, limit) =>
        timed("progressSince", repo.progressSince(attempt, after, limit)),
      readLog: (job, start, end) => timed("readLog", repo.readLog(job, start, end)),

      pendingGroups: timed("pendingGroups", repo.pendingGroups),
      overdue: (limit) => timed("overdue", repo.overdue(limit)),
      promote: (limit) => timed("promote", repo.promote(limit)),
      expire: (limit) => timed("expire", repo.expire(limit))
    })
  })
)
