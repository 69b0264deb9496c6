/** Takes from banned workers what they hold. */
import { Array as Arr, Effect, Latch } from "effect"
import { tokenNameOf } from "./Caller.ts"
import { JobRepo } from "./JobRepo.ts"
import { Outcomes } from "./Outcomes.ts"
import { persevere } from "./Perseverance.ts"
import { Restrictions } from "./Restrictions.ts"
import { WorkerRepo } from "./WorkerRepo.ts"

/** Attempts are ended so many at a time, and instances of a name are found so many at a time. */
const largestBatch = 500

/**
 * Ends the attempts of those who are banned, charged to nobody. Each server does so as soon as it hears of a ban, for it
 * may have given something to the worker before it did.
 */
export const make = Effect.gen(function* () {
  const workers = yield* WorkerRepo
  const jobs = yield* JobRepo
  const outcomes = yield* Outcomes
  const restrictions = yield* Restrictions

  const endAll = Effect.fnUntraced(function* (worker: string) {
    const [known] = yield* workers.find([worker])
    for (const batch of Arr.chunksOf(known?.running ?? [], largestBatch)) {
      const found = yield* jobs.find(batch.map(({ job }) => job))
      const live = found.flatMap((job) =>
        job?.attempt?.worker === worker && job.status === "processing" ? [job] : []
      )
      yield* Effect.forEach(live, (job) => outcomes.conclude(job, { _tag: "WorkerBanned" }), {
        concurrency: "unbounded",
        discard: true
      })
    }
    return known?.running.length ?? 0
  })

  /** The worker, and those who call themselves its instances. */
  const instancesOf = Effect.fnUntraced(function* (worker: string) {
    const names = [worker]
    let after = `${worker}/`
    while (true) {
      const { hasMore, items } = yield* workers.list({ after, state: null, limit: largestBatch })
      const instances = items.map(({ name }) => name).filter((name) => tokenNameOf(name) === worker)
      names.push(...instances)
      const last = items.at(-1)?.name
      if (!hasMore || last === undefined || instances.length < items.length) return names
      after = last
    }
  })

  /** Ends what the worker and its instances hold, until they hold nothing. */
  const fence = Effect.fnUntraced(function* (worker: string) {
    for (const name of yield* instancesOf(worker)) {
      yield* Effect.repeat(endAll(name), { while: (held) => held > 0 })
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
      yield* persevere("end the attempts of a banned worker", fence(worker))
    }
  })
  yield* Effect.forkScoped(Effect.forever(fenceBanned))

  return { fence }
})
