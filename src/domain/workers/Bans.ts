/** Takes from banned workers what they hold. */
import { Effect, Latch } from "effect"
import { JobRepo } from "../jobs/JobRepo.ts"
import { Outcomes } from "../attempts/Outcomes.ts"
import { retryForever } from "../retryForever.ts"
import { Restrictions } from "./Restrictions.ts"

/** At most this many attempts are ended at a time. */
const largestBatch = 500

/**
 * Ends the attempts of those who are banned, charged to nobody. Each server does so as soon as it hears of a ban, for it
 * may have given something to the worker before it did.
 */
export const make = Effect.gen(function* () {
  const jobs = yield* JobRepo
  const outcomes = yield* Outcomes
  const restrictions = yield* Restrictions

  /** Ends what the worker and its instances hold, whether they are known already or not, until they hold nothing. */
  const fence = Effect.fnUntraced(function* (worker: string) {
    while (true) {
      const held = yield* jobs.heldBy(worker, largestBatch)
      if (held.length === 0) return
      yield* Effect.forEach(held, (job) => outcomes.conclude(job, { _tag: "WorkerBanned" }), {
        concurrency: "unbounded",
        discard: true
      })
    }
  })

  const fenced = new Set<string>()
  const banCame = yield* Latch.make(true)
  yield* restrictions.listen(() => banCame.openUnsafe())
  const fenceBanned = Effect.gen(function* () {
    yield* banCame.await
    banCame.closeUnsafe()
    const banned = restrictions.banned()
    for (const worker of fenced) if (!banned.includes(worker)) fenced.delete(worker)
    for (const worker of banned) {
      if (fenced.has(worker)) continue
      fenced.add(worker)
      yield* retryForever("end the attempts of a banned worker", fence(worker))
    }
  })
  yield* Effect.forkScoped(Effect.forever(fenceBanned))

  return { fence }
})
