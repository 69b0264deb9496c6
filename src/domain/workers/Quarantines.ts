/** Keeps workers from types of jobs that they fail again and again. */
import { Context, DateTime, Effect, Layer } from "effect"
import { EventFeed } from "../events/EventFeed.ts"
import { failingOutcomes } from "../attempts/failedBy.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import { Restrictions } from "./Restrictions.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import { keyOf, type Quarantined, type Suspicion, WorkerRepo } from "./WorkerRepo.ts"

/** At most this many suspicions go into one batch. */
const largestBatch = 1_000

/** Whether the end of its last attempt speaks against the worker. */
const wasFailed = ({ attempt }: ChangedJob): boolean =>
  attempt !== null && attempt.outcome !== null && failingOutcomes.includes(attempt.outcome)

export class Quarantines extends Context.Service<
  Quarantines,
  {
    /**
     * Looks at a job whose attempt has just ended, and puts the worker into quarantine if it has failed too often: after
     * that, it gets no more jobs of the type here. Fails never: a worker that could not be looked at now will be when it
     * fails the next time.
     */
    readonly consider: (ended: ChangedJob) => Effect.Effect<void>
  }
>()("lazyboss/domain/workers/Quarantines") {
  static readonly layer = Layer.effect(
    Quarantines,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const policies = yield* SupervisorPolicy
      const restrictions = yield* Restrictions
      const feed = yield* EventFeed

      const tell = ({ type, until, worker }: Quarantined) =>
        feed.tell({ event: "worker.quarantined", worker, type, until: DateTime.formatIso(until) })

      // Whether each was put into quarantine. One that failed several jobs at once is suspected once.
      const judge = yield* GroupCommit.make<Suspicion, boolean>({
        enough: largestBatch,
        write: Effect.fnUntraced(function* (batch) {
          const suspicions = new Map(batch.map((suspicion) => [keyOf(suspicion), suspicion]))
          const quarantined = yield* repo.quarantine([...suspicions.values()])
          yield* Effect.forEach(quarantined, tell, { discard: true })
          const keys = new Set(quarantined.map(keyOf))
          return batch.map((suspicion) => keys.has(keyOf(suspicion)))
        })
      })

      return Quarantines.of({
        consider: Effect.fnUntraced(
          function* (ended) {
            if (ended.attempt === null || !wasFailed(ended)) return
            const { type } = ended.group
            const { quarantine } = policies.of(type)
            if (quarantine === null) return
            if (yield* judge({ worker: ended.attempt.worker, type, quarantine })) yield* restrictions.refresh
          },
          Effect.catchCause((cause) =>
            Effect.logError("a worker could not be looked at that has failed a job", cause)
          )
        )
      })
    })
  )
}
