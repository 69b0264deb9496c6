/** How the store in memory gives jobs to workers. */
import { DateTime, Duration } from "effect"
import { acceptsJob } from "../../domain/matching/Acceptance.ts"
import type { Queue } from "../../domain/matching/Candidates.ts"
import { choose } from "../../domain/matching/Choosing.ts"
import { failedBy } from "../../domain/attempts/failedBy.ts"
import type { JobRecord } from "../../domain/jobs/Job.ts"
import type { Claim, Claimed, ClaimSource } from "../../domain/jobs/Claim.ts"
import { mostAhead, type Outlook, type OutlookQuestion } from "../../domain/explaining/Outlook.ts"
import { largestAnswer } from "../../domain/Page.ts"
import {
  begunByNow,
  type LimitedType,
  type Limits,
  makeRoom,
  rememberedAt
} from "../../domain/matching/Limits.ts"
import { candidateQueriesOf } from "../../domain/matching/CandidateQueries.ts"
import { begin } from "./MemoryAttempts.ts"
import { type MemoryState, pageOf, sizeOfJson } from "./MemoryState.ts"

type PendingJob = JobRecord & { readonly failedBy: ReadonlyArray<string> }

interface SourceQueue extends Queue<PendingJob> {
  readonly source: ClaimSource
}

const inOrder = (left: Pick<JobRecord, "id" | "runAt">, right: Pick<JobRecord, "id" | "runAt">): number =>
  DateTime.Order(left.runAt, right.runAt) || (left.id < right.id ? -1 : 1)

const queuesOf = (state: MemoryState, { seekers, sources }: Claim): ReadonlyArray<SourceQueue> => {
  return candidateQueriesOf(sources, seekers).map(({ accepted, source }) => ({
    ...source,
    source,
    accepted,
    jobs: [...(state.pendingOf.get(source.group.id)?.values() ?? [])]
      .filter((job) => acceptsJob(accepted, job))
      .toSorted(inOrder)
      .map((job) => ({ ...job, failedBy: failedBy(job, state.histories.get(job.id)?.attempts ?? []) })),
    isWhole: true
  }))
}

const usageOf = (state: MemoryState, type: string, limits: Limits): LimitedType => {
  const running = [...state.byStatus.processing.values()].filter(({ group }) => group.type === type)
  const ofKeys = Map.groupBy(running, ({ group }) => group.fairnessKey)
  const ofWorkers = Map.groupBy(running, ({ attempt }) => attempt?.worker ?? "")
  return {
    limits,
    usage: {
      running: running.length,
      ofWorkers: new Map([...ofWorkers].map(([worker, { length }]) => [worker, length])),
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
  const { attempts, seekers, sources } = wish
  const time = DateTime.toEpochMillis(now)
  const types = new Map<string, LimitedType>()
  for (const { group, limits } of sources) {
    if (limits === null) continue
    const { type } = group
    const begun = state.begun.get(type)
    if (limits.rateLimit !== null && begun !== undefined)
      state.begun.set(type, begunByNow(limits.rateLimit, begun, time))
    types.set(type, usageOf(state, type, limits))
  }
  const { choices, drained, heads, later } = choose<PendingJob, SourceQueue>({
    queues: queuesOf(state, wish),
    seekers,
    room: makeRoom(types, time),
    now: time,
    count: attempts.length,
    spares: 0
  })
  const { items } = pageOf(choices, attempts.length, largestAnswer.claim, ({ job }) =>
    sizeOfJson(job.parameters)
  )
  const jobs = items.flatMap((choice, turn) => {
    const attempt = attempts[turn]
    if (attempt === undefined) return []
    return [{ ...begin(state, now, choice, attempt), seeker: seekers.indexOf(choice.seeker) }]
  })

  const left = makeRoom(types, time)
  for (const { attempt, job } of jobs) left.take(job.group, attempt.worker)
  for (const [type, { limits }] of types) {
    remember(state, type, limits, jobs.filter(({ job }) => job.group.type === type).length, time)
  }
  const contended = jobs.length < choices.length
  return {
    jobs,
    contended,
    reached:
      attempts.length === 0
        ? []
        : left.reached(
            sources.map(({ group }) => group),
            new Set(seekers.map(({ worker }) => worker))
          ),
    drained: contended ? [] : drained,
    heads,
    later: contended ? [] : later.map(({ at, group }) => ({ group, left: Duration.millis(at - time) }))
  }
}

export const outlook = (state: MemoryState, now: DateTime.Utc, { job, limits }: OutlookQuestion): Outlook => {
  const { id, type } = job.group
  const earlier = [...(state.pendingOf.get(id)?.values() ?? [])].filter(
    (other) => other.id !== job.id && inOrder(other, job) < 0
  )
  return {
    at: now,
    ahead: Math.min(earlier.length, mostAhead),
    usage: limits === null ? null : usageOf(state, type, limits).usage
  }
}
