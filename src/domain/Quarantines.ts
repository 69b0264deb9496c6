/** Keeps workers from types of jobs that they fail again and again. */
import { Context, DateTime, Effect, Layer } from "effect"
import { EventFeed } from "./EventFeed.ts"
import type { ChangedJob } from "./Job.ts"
import { Restrictions } from "./Restrictions.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"
import { type Suspicion, WorkerRepo } from "./WorkerRepo.ts"

/** Whether the end of its last attempt speaks against the worker. */
const wasFailed = ({ attempt }: ChangedJob): boolean =>
  attempt?.outcome === "failed" || attempt?.outcome === "lost" || attempt?.outcome === "timed-out"

export class Quarantines extends Context.Service<
  Quarantines,
  {
    /** Looks at attempts that have just ended, and puts the workers into quarantine that have failed too often. */
    readonly consider: (ended: ReadonlyArray<ChangedJob>) => Effect.Effect<void>
  }
>()("lazyboss/domain/Quarantines") {
  static readonly layer = Layer.effect(
    Quarantines,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const policies = yield* SupervisorPolicy
      const restrictions = yield* Restrictions
      const feed = yield* EventFeed

      const tell = Effect.fnUntraced(function* ({ quarantine, type, worker }: Suspicion) {
        const until = DateTime.formatIso(DateTime.addDuration(yield* DateTime.now, quarantine.for))
        yield* feed.tell({ event: "worker.quarantined", worker, type, until })
      })

      const suspicionsOf = Effect.fnUntraced(function* (ended: ReadonlyArray<ChangedJob>) {
        const suspicions = new Map<string, Suspicion>()
        for (const job of ended) {
          if (!wasFailed(job) || job.attempt === null) continue
          const { worker } = job.attempt
          const { type } = job.group
          const { quarantine } = yield* policies.of(type)
          if (quarantine !== null) suspicions.set(`${worker} ${type}`, { worker, type, quarantine })
        }
        return [...suspicions.values()]
      })

      return Quarantines.of({
        consider: Effect.fnUntraced(function* (ended) {
          if (!ended.some(wasFailed)) return
          const suspicions = yield* suspicionsOf(ended)
          if (suspicions.length === 0) return
          const quarantined = yield* repo.quarantine(suspicions)
          if (quarantined.length > 0) yield* restrictions.refresh
          yield* Effect.forEach(quarantined, tell, { discard: true })
        })
      })
    })
  )
}
