/**
 * The limits that claims of this server have found exhausted, so that what they block is not asked for again until there may be
 * room: a cache of the outcome of claims. The store decides.
 */
import { Effect } from "effect"
import type { Deadlines } from "../Deadlines.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import type { Claimed } from "../jobs/Claim.ts"
import type { ReachedLimit } from "../matching/Limits.ts"
import type { JobGroup } from "../matching/Matching.ts"

/** At most this many exhausted limits are remembered. At one more, all are forgotten: claims find them again. */
const mostKnown = 10_000

/** What the exhausted limits of one type block. */
interface TypeBlocks {
  isFull: boolean
  readonly keys: Set<string | null>
  readonly workers: Set<string>
}

export interface ReachedLimits {
  /** Whether an exhausted limit blocks jobs of the group for this worker; for every worker where null. */
  readonly isBlocked: (group: JobGroup, worker: string | null) => boolean
  /** Runs a claim and remembers the limits that it found exhausted, except those that may have got room while it ran. */
  readonly during: <E>(claim: Effect.Effect<Claimed, E>) => Effect.Effect<Claimed, E>
  /** An attempt ended at this server: what it may have blocked has room. */
  readonly ended: (job: ChangedJob) => void
  /** Attempts of the type ended at other servers: all its limits but a rate limit may have room. */
  readonly freed: (type: string) => void
  /** Forgets everything, such as after a change of the limits. */
  readonly clear: () => void
}

/** Begins with nothing blocked. `onRoom` is called when something may have room again: of a type, or of any where null. */
export const make = (
  deadlines: Deadlines["Service"],
  onRoom: (type: string | null) => void
): ReachedLimits => {
  const blocksByType = new Map<string, TypeBlocks>()
  /** The types that a rate limit blocks, each with what cancels the deadline at which it ends. */
  const rates = new Map<string, () => void>()
  let count = 0
  // The types that got room while a claim runs, which may have read its limits before. Null while no claim runs.
  let freedMeanwhile: Set<string> | null = null
  let isClearedMeanwhile = false

  const forgetAll = () => {
    for (const forget of rates.values()) forget()
    rates.clear()
    blocksByType.clear()
    count = 0
  }

  const blocksOf = (type: string): TypeBlocks => {
    const known = blocksByType.get(type)
    if (known !== undefined) return known
    const blocks: TypeBlocks = { isFull: false, keys: new Set(), workers: new Set() }
    blocksByType.set(type, blocks)
    return blocks
  }

  const add = (reached: ReachedLimit) => {
    if (count >= mostKnown) forgetAll()
    count += 1
    const { type } = reached
    switch (reached.limit) {
      case "concurrency":
        blocksOf(type).isFull = true
        break
      case "perFairnessKey":
        blocksOf(type).keys.add(reached.fairnessKey)
        break
      case "perWorker":
        blocksOf(type).workers.add(reached.worker)
        break
      case "rateLimit":
        rates.get(type)?.()
        rates.set(
          type,
          deadlines.set(reached.left, () => {
            rates.delete(type)
            onRoom(type)
          })
        )
    }
  }

  return {
    isBlocked: ({ fairnessKey, type }, worker) => {
      if (rates.has(type)) return true
      const blocks = blocksByType.get(type)
      return (
        blocks !== undefined &&
        (blocks.isFull || blocks.keys.has(fairnessKey) || (worker !== null && blocks.workers.has(worker)))
      )
    },

    during: (claim) =>
      Effect.suspend(() => {
        const freed = new Set<string>()
        freedMeanwhile = freed
        isClearedMeanwhile = false
        return claim.pipe(
          Effect.tap(({ reached }) =>
            Effect.sync(() => {
              if (isClearedMeanwhile) return
              for (const one of reached) if (one.limit === "rateLimit" || !freed.has(one.type)) add(one)
            })
          ),
          Effect.ensuring(
            Effect.sync(() => {
              freedMeanwhile = null
            })
          )
        )
      }),

    ended: ({ attempt, group }) => {
      freedMeanwhile?.add(group.type)
      const blocks = blocksByType.get(group.type)
      if (blocks === undefined) return
      blocks.isFull = false
      blocks.keys.delete(group.fairnessKey)
      if (attempt !== null) blocks.workers.delete(attempt.worker)
      onRoom(group.type)
    },

    freed: (type) => {
      freedMeanwhile?.add(type)
      if (blocksByType.delete(type)) onRoom(type)
    },

    clear: () => {
      isClearedMeanwhile = true
      forgetAll()
      onRoom(null)
    }
  }
}
