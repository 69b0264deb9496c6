/** What the limits of a policy leave room for, given what is running and what has begun. */
import { Duration } from "effect"
import type { JobGroup } from "./Matching.ts"
import type { Policy, RateLimit } from "../policies/Policy.ts"

/** The limits of a type, for all servers together. A field that is null limits nothing. */
export type Limits = Pick<Policy, "concurrency" | "perWorker" | "perFairnessKey" | "rateLimit">

/** The limits of a policy; null for one that has none. */
export const limitsOf = (policy: Policy): Limits | null => {
  const { concurrency, perFairnessKey, perWorker, rateLimit } = policy
  return concurrency === null && perFairnessKey === null && perWorker === null && rateLimit === null
    ? null
    : { concurrency, perFairnessKey, perWorker, rateLimit }
}

/** `count` attempts began `at` this time, in milliseconds since the epoch. */
export interface Begun {
  readonly at: number
  readonly count: number
}

/** What is in use of the limits of a type. What a type does not limit need not be counted. */
export interface Usage {
  /** Attempts that are running: in all, of the workers that ask, and by fairness key. */
  readonly running: number
  readonly ofWorkers: ReadonlyMap<string, number>
  readonly ofKeys: ReadonlyMap<string | null, number>
  /** What began within the period of the rate limit, the oldest first. */
  readonly begun: ReadonlyArray<Begun>
}

/** A limit that leaves no room. Room comes when an attempt ends; of a rate limit when the time that is `left` is over. */
export type ReachedLimit =
  | { readonly limit: "concurrency"; readonly type: string }
  | { readonly limit: "perFairnessKey"; readonly type: string; readonly fairnessKey: string | null }
  | { readonly limit: "perWorker"; readonly type: string; readonly worker: string }
  | { readonly limit: "rateLimit"; readonly type: string; readonly left: Duration.Duration }

/** A rate limit up to this remembers each beginning with its own time. */
const mostTimes = 1_000

/**
 * The time under which a beginning is remembered. Of a limit above 1,000 many beginnings share one, so that few have to be
 * counted: the last moment of the thousandth of the period that they are in, so that they count a little longer, never
 * shorter.
 */
export const rememberedAt = ({ limit, period }: RateLimit, now: number): number => {
  if (limit <= mostTimes) return now
  const step = Math.max(1, Math.floor(Duration.toMillis(period) / mostTimes))
  return Math.ceil(now / step) * step
}

/**
 * What has begun, as it counts at this time. What did so in the time to come, before the clock was set back, counts as if it
 * did now: if it is remembered like this, it is in the way for no longer than a period.
 */
export const begunByNow = (
  rateLimit: RateLimit,
  begun: ReadonlyArray<Begun>,
  now: number
): ReadonlyArray<Begun> => {
  const latest = rememberedAt(rateLimit, now)
  return begun.map(({ at, count }) => ({ at: Math.min(at, latest), count }))
}

/** How many may begin now, and how long it takes until one may, if none may now. */
export const rateRoom = (
  rateLimit: RateLimit,
  begun: ReadonlyArray<Begun>,
  now: number
): { readonly room: number; readonly left: Duration.Duration } => {
  const { limit, period } = rateLimit
  const length = Duration.toMillis(period)
  const counted = begunByNow(rateLimit, begun, now).filter(({ at }) => at > now - length)
  let surplus = counted.reduce((sum, { count }) => sum + count, 0) - limit
  if (surplus < 0) return { room: -surplus, left: Duration.zero }
  const inTheWay = counted.find(({ count }) => (surplus -= count) < 0)
  return { room: 0, left: Duration.millis((inTheWay?.at ?? now) + length - now) }
}

/** The limits of a type beside what is in use of them. */
export interface LimitedType {
  readonly limits: Limits
  readonly usage: Usage
}

/** The room that limits leave. Mutable: `take` takes from it. */
export interface Room {
  /** Whether there is room for jobs of the group, given to somebody who has room. */
  readonly has: (group: JobGroup) => boolean
  /** Whether this worker may have one more of the group, where there is room for it. */
  readonly hasFor: (group: JobGroup, worker: string) => boolean
  readonly take: (group: JobGroup, worker: string) => void
  /** The limits by which one of these groups, or of these workers, has no more room. */
  readonly reached: (groups: Iterable<JobGroup>, workers: ReadonlySet<string>) => ReadonlyArray<ReachedLimit>
}

const countOne = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1)

/** What is left of one type's room. What is not limited has endless room. */
const makeTypeRoom = (type: string, { limits, usage }: LimitedType, now: number) => {
  const { concurrency, perFairnessKey, perWorker, rateLimit } = limits
  const left = (limit: number | null, used: number) => (limit === null ? Infinity : limit - used)
  const rate = rateLimit === null ? Infinity : rateRoom(rateLimit, usage.begun, now).room
  const ofKeys = new Map<string | null, number>()
  const ofWorkers = new Map<string, number>()
  let taken = 0
  const isConcurrencyReached = () => left(concurrency, usage.running) <= taken
  const isRateReached = () => rate <= taken
  const isKeyReached = (key: string | null) =>
    left(perFairnessKey, usage.ofKeys.get(key) ?? 0) <= (ofKeys.get(key) ?? 0)
  const isWorkerReached = (worker: string) =>
    left(perWorker, usage.ofWorkers.get(worker) ?? 0) <= (ofWorkers.get(worker) ?? 0)
  return {
    has: (key: string | null) => !isConcurrencyReached() && !isRateReached() && !isKeyReached(key),
    hasFor: (worker: string) => !isWorkerReached(worker),
    take: (key: string | null, worker: string) => {
      taken += 1
      countOne(ofKeys, key)
      countOne(ofWorkers, worker)
    },
    reachedByAll: (): ReadonlyArray<ReachedLimit> => {
      const reached: Array<ReachedLimit> = []
      if (isConcurrencyReached()) reached.push({ limit: "concurrency", type })
      if (rateLimit !== null && isRateReached()) {
        const begun = [...usage.begun, { at: rememberedAt(rateLimit, now), count: taken }]
        reached.push({ limit: "rateLimit", type, left: rateRoom(rateLimit, begun, now).left })
      }
      return reached
    },
    isKeyReached,
    isWorkerReached
  }
}

/** The room for attempts at this time, in milliseconds. Types that are not listed have no limits. */
export const makeRoom = (types: ReadonlyMap<string, LimitedType>, now: number): Room => {
  const rooms = new Map([...types].map(([type, limited]) => [type, makeTypeRoom(type, limited, now)]))
  return {
    has: ({ fairnessKey, type }) => rooms.get(type)?.has(fairnessKey) ?? true,
    hasFor: ({ type }, worker) => rooms.get(type)?.hasFor(worker) ?? true,
    take: ({ fairnessKey, type }, worker) => rooms.get(type)?.take(fairnessKey, worker),
    reached: (groups, workers) => {
      const keys = new Map<string, Set<string | null>>()
      for (const { fairnessKey, type } of groups) {
        keys.set(type, (keys.get(type) ?? new Set()).add(fairnessKey))
      }
      return [...keys].flatMap(([type, keysOfType]) => {
        const room = rooms.get(type)
        if (room === undefined) return []
        const ofKeys = [...keysOfType].filter(room.isKeyReached)
        const ofWorkers = [...workers].filter(room.isWorkerReached)
        return [
          ...room.reachedByAll(),
          ...ofKeys.map((fairnessKey): ReachedLimit => ({ limit: "perFairnessKey", type, fairnessKey })),
          ...ofWorkers.map((worker): ReachedLimit => ({ limit: "perWorker", type, worker }))
        ]
      })
    }
  }
}

/** Whether the limits keep the jobs of a group back from all of these workers, be it by what each of them holds. */
export const isHeldBack = (
  reached: ReadonlyArray<ReachedLimit>,
  group: JobGroup,
  workers: ReadonlySet<string>
): boolean => {
  const full = new Set<string>()
  for (const one of reached) {
    if (one.type !== group.type) continue
    if (one.limit === "perWorker") full.add(one.worker)
    else if (one.limit !== "perFairnessKey" || one.fairnessKey === group.fairnessKey) return true
  }
  return workers.size > 0 && [...workers].every((worker) => full.has(worker))
}
