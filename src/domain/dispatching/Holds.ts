/** What may not be given away for now, because a limit is reached: as this server was told, until there may be room again. */
import { Effect } from "effect"
import type { Deadlines } from "../Deadlines.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import type { Claimed } from "../jobs/JobRepo.ts"
import type { ReachedLimit } from "../matching/Limits.ts"
import type { JobGroup } from "../matching/Matching.ts"

/** So many are noted before all are forgotten, to be found out again. */
const mostNoted = 10_000

/** What is held of one type. */
interface TypeHold {
  isFull: boolean
  readonly keys: Set<string | null>
  readonly workers: Set<string>
}

export interface Holds {
  /** Whether jobs of the group are held back from this worker; null for what is held back from all. */
  readonly isHeld: (group: JobGroup, worker: string | null) => boolean
  /** Takes note of the limits that a claim came up against, save those that may have got room while it was under way. */
  readonly during: <E>(claim: Effect.Effect<Claimed, E>) => Effect.Effect<Claimed, E>
  /** An attempt ended here. */
  readonly ended: (job: ChangedJob) => void
  /** Attempts of the type ended elsewhere. */
  readonly freed: (type: string) => void
  /** Nothing is known any more, such as after a change of the limits. */
  readonly clear: () => void
}

/** Nothing is held. `onRoom` is called when something no longer is: of a type, or of all where null. */
export const make = (deadlines: Deadlines["Service"], onRoom: (type: string | null) => void): Holds => {
  const holds = new Map<string, TypeHold>()
  /** How to forget when the time is over, of the types that are held by a rate limit. */
  const rates = new Map<string, () => void>()
  let noted = 0
  // What got room while a claim is under way, which may have looked before. Null while there is none.
  let freedMeanwhile: Set<string> | null = null
  let isAllFreed = false

  const forgetAll = () => {
    for (const forget of rates.values()) forget()
    rates.clear()
    holds.clear()
    noted = 0
  }

  const holdOf = (type: string): TypeHold => {
    const known = holds.get(type)
    if (known !== undefined) return known
    const hold: TypeHold = { isFull: false, keys: new Set(), workers: new Set() }
    holds.set(type, hold)
    return hold
  }

  const add = (reached: ReachedLimit) => {
    if (noted >= mostNoted) forgetAll()
    noted += 1
    const { type } = reached
    switch (reached.limit) {
      case "concurrency":
        holdOf(type).isFull = true
        break
      case "perFairnessKey":
        holdOf(type).keys.add(reached.fairnessKey)
        break
      case "perWorker":
        holdOf(type).workers.add(reached.worker)
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
    isHeld: ({ fairnessKey, type }, worker) => {
      if (rates.has(type)) return true
      const hold = holds.get(type)
      return (
        hold !== undefined &&
        (hold.isFull || hold.keys.has(fairnessKey) || (worker !== null && hold.workers.has(worker)))
      )
    },

    during: (claim) =>
      Effect.suspend(() => {
        const freed = new Set<string>()
        freedMeanwhile = freed
        isAllFreed = false
        return claim.pipe(
          Effect.tap(({ reached }) =>
            Effect.sync(() => {
              if (isAllFreed) return
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
      const hold = holds.get(group.type)
      if (hold === undefined) return
      hold.isFull = false
      hold.keys.delete(group.fairnessKey)
      if (attempt !== null) hold.workers.delete(attempt.worker)
      onRoom(group.type)
    },

    freed: (type) => {
      freedMeanwhile?.add(type)
      if (holds.delete(type)) onRoom(type)
    },

    clear: () => {
      isAllFreed = true
      forgetAll()
      onRoom(null)
    }
  }
}
