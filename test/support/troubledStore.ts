/** A store that one can get into trouble: held up, or failing. */
import { Effect, Layer } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import type { TestStore } from "./stores.ts"

export interface TroubledStore {
  readonly store: TestStore
  /** From now on whatever is asked of the store waits, until the function that is returned is called. */
  readonly holdUp: () => () => void
  /** From now on whatever is asked of the store fails: it is unavailable, or dies of the defect. */
  readonly fail: (defect?: unknown) => void
  readonly recover: () => void
  /** How often followers have read what is new of an attempt. */
  readonly progressReads: () => number
}

export const troubledStore = ({ layer, name }: TestStore): TroubledStore => {
  let trouble: Effect.Effect<void> = Effect.void
  let progressReads = 0
  const first = <A>(effect: Effect.Effect<A>): Effect.Effect<A> =>
    Effect.andThen(
      Effect.suspend(() => trouble),
      effect
    )
  const troubled = Layer.effect(
    JobRepo,
    Effect.map(JobRepo, (repo) =>
      JobRepo.of({
        ...repo,
        insert: (batch) => first(repo.insert(batch)),
        end: (batch) => first(repo.end(batch)),
        renew: (batch) => first(repo.renew(batch)),
        recordProgress: (batch) => first(repo.recordProgress(batch)),
        cancel: (batch) => first(repo.cancel(batch)),
        retry: (batch) => first(repo.retry(batch)),
        find: (ids) => first(repo.find(ids)),
        history: (id) => first(repo.history(id)),
        progressSince: (attempt, after, limit) => {
          progressReads += 1
          return first(repo.progressSince(attempt, after, limit))
        },
        ping: first(repo.ping)
      })
    )
  )
  return {
    store: { name, layer: Layer.provideMerge(troubled, layer) },
    holdUp: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      trouble = Effect.promise(() => promise)
      return () => {
        trouble = Effect.void
        resolve()
      }
    },
    fail: (defect = new StoreUnavailable({ cause: "gone" })) => {
      trouble = Effect.die(defect)
    },
    recover: () => {
      trouble = Effect.void
    },
    progressReads: () => progressReads
  }
}
