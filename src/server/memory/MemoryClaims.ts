/** How the store in memory gives jobs to workers. */
import { DateTime, Duration } from "effect"
import { choose, type Queue } from "../../domain/Choosing.ts"
import type { JobRecord } from "../../domain/Job.ts"
import { type Claim, type Claimed, type ClaimSource, largestAnswer } from "../../domain/JobRepo.ts"
import { type LimitedType, type Limits, makeRoom, rememberedAt } from "../../domain/Limits.ts"
import { acceptsTags } from "../../domain/Matching.ts"
import { begin } from "./MemoryAttempts.ts"
import { type MemoryState, pageOf, sizeOfJson } from "./MemoryState.ts"

interface SourceQueue extends Queue<JobRecord> {
  readonly source: ClaimSource
}

const inOrder = (left: JobRecord, right: JobRecord): number =>
  DateTime.Order(left.runAt, right.runAt) || (left.id < right.id ? -1 : 1)

const queuesOf = (state: MemoryState, { accepts, sources }: Claim): ReadonlyArray<SourceQueue> => {
  const pending = [...state.byStatus.pending.values()]
    .filter(({ tags }) => acceptsTags(accepts, tags))
    .toSorted(inOrder)
  const jobsOf = Map.groupBy(pending, ({ group }) => group.id)
  return sources.map((source) => ({
    ...source,
    source,
    jobs: jobsOf.get(source.group.id) ?? [],
    isWhole: true
  }))
}

const usageOf = (state: MemoryState, type: string, limits: Limits, worker: string): LimitedType => {
  const running = [...state.byStatus.processing.values()].filter(({ group }) => group.type === type)
  const ofKeys = Map.groupBy(running, ({ group }) => group.fairnessKey)
  return {
    limits,
    usage: {
      running: running.length,
      ofWorker: running.filter(({ attempt }) => attempt?.worker === worker).length,
      ofKeys: new Map([...ofKeys].map(([key, { length }]) => [key, length])),
      begun: state.begun.get(type) ?? []
    }
  }
}

const remember = (state: MemoryState, type: string, { rateLimit }: Limits, count: number, now: number) => {
  if (rateLimit === null || count === 0) return
  const counted = (state.begun.get(type) ?? []).filter(
    ({ at }) => at > now - Duration.toMillis(rateLimit.period)
  )
  state.begun.set(type, [...counted, { at: rememberedAt(rateLimit, now), count }])
}

export const claim = (state: MemoryState, now: DateTime.Utc, wish: Claim): Claimed => {
  const { slots, sources } = wish
  const worker = slots[0]?.worker ?? ""
  const time = DateTime.toEpochMillis(now)
  const types = new Map<string, LimitedType>()
  for (const { group, limits } of sources) {
    if (limits !== null) types.set(group.type, usageOf(state, group.type, limits, worker))
  }
  const room = () => makeRoom(types, worker, time)
  const chosen = choose<JobRecord, SourceQueue>(queuesOf(state, wish), room(), slots.length).jobs
  const { items } = pageOf(chosen, slots.length, largestAnswer.claim, ({ job }) => sizeOfJson(job.parameters))
  const jobs = items.flatMap(({ job, queue }, turn) => {
    const slot = slots[turn]
    return slot === undefined ? [] : [begin(state, now, job, queue.source, slot)]
  })

  const left = room()
  for (const { job } of jobs) left.take(job.group)
  for (const [type, { limits }] of types) {
    remember(state, type, limits, jobs.filter(({ job }) => job.group.type === type).length, time)
  }
  return {
    jobs,
    contended: jobs.length < chosen.length,
    reached: slots.length === 0 ? [] : left.reached(sources.map(({ group }) => group))
  }
}
