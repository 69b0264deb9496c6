/** Workers in the store in memory. */
import { DateTime, Duration, Effect, Layer } from "effect"
import {
  forgottenAfter,
  goneAfter,
  medianOf,
  recentRuns,
  type RunningAttempt,
  type TypeRecord,
  type Worker
} from "../../domain/workers/Worker.ts"
import type { Due } from "../../domain/Due.ts"
import type { Page } from "../../domain/Page.ts"
import { longestMemory } from "../../domain/policies/Policy.ts"
import {
  type Quarantined,
  type Restricted,
  type Suspicion,
  type WorkDone,
  WorkerRepo
} from "../../domain/workers/WorkerRepo.ts"
import { type KnownWorker, Memory, type MemoryState, step, takeDue } from "./MemoryState.ts"

const unknown = (name: string, now: DateTime.Utc): KnownWorker => ({
  name,
  isKnown: false,
  state: "active",
  reason: null,
  changedBy: null,
  firstSeenAt: now,
  lastSeenAt: null,
  isPresent: false,
  types: [],
  skills: {},
  accepts: [],
  work: new Map(),
  quarantines: new Map()
})

const byName = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const update = (
  { workers }: MemoryState,
  now: DateTime.Utc,
  name: string,
  change: (worker: KnownWorker) => Partial<KnownWorker>
): void => {
  const worker = workers.get(name) ?? unknown(name, now)
  workers.set(name, { ...worker, ...change(worker) })
}

const updateKnown = (
  state: MemoryState,
  now: DateTime.Utc,
  name: string,
  change: Partial<KnownWorker>
): void =>
  update(state, now, name, ({ firstSeenAt, isKnown }) => ({
    ...change,
    isKnown: true,
    firstSeenAt: isKnown ? firstSeenAt : now
  }))

const allKnown = ({ workers }: MemoryState): ReadonlyArray<KnownWorker> =>
  [...workers.values()].filter(({ isKnown }) => isKnown)

const runningOf = ({ byStatus }: MemoryState, name: string): ReadonlyArray<RunningAttempt> =>
  [...byStatus.processing.values()]
    .flatMap(({ attempt, group, id }) =>
      attempt?.worker === name
        ? [
            {
              job: id,
              attempt: attempt.id,
              type: group.type,
              startedAt: attempt.startedAt,
              leaseExpiresAt: attempt.leaseExpiresAt
            }
          ]
        : []
    )
    .toSorted((left, right) => byName(left.attempt, right.attempt))

const longAfterSeen =
  (duration: Duration.Duration) =>
  ({ lastSeenAt }: KnownWorker): DateTime.Utc | null =>
    lastSeenAt === null ? null : DateTime.addDuration(lastSeenAt, duration)

const toRecord = ({ done, failed, lost, runs, type }: WorkDone): TypeRecord => ({
  type,
  done,
  failed,
  lost,
  medianRun: medianOf(runs)
})

const activeQuarantines = ({ quarantines }: KnownWorker, now: DateTime.Utc) =>
  [...quarantines]
    .filter(([, until]) => DateTime.isGreaterThan(until, now))
    .map(([type, until]) => ({ type, until }))
    .toSorted((left, right) => byName(left.type, right.type))

const show = (state: MemoryState, now: DateTime.Utc, worker: KnownWorker): Worker => {
  const running = runningOf(state, worker.name)
  return {
    name: worker.name,
    state: worker.state,
    reason: worker.reason,
    changedBy: worker.changedBy,
    firstSeenAt: worker.firstSeenAt,
    lastSeenAt: worker.lastSeenAt,
    present: worker.isPresent || running.length > 0,
    types: worker.types,
    skills: worker.skills,
    accepts: worker.accepts,
    running,
    record: [...worker.work.values()].map(toRecord).toSorted((left, right) => byName(left.type, right.type)),
    quarantines: activeQuarantines(worker, now)
  }
}

const restrictionsOf = (worker: KnownWorker, now: DateTime.Utc): ReadonlyArray<Restricted> => {
  const quarantines = activeQuarantines(worker, now).map(({ type, until }) => ({
    type,
    left: DateTime.distance(now, until)
  }))
  return worker.state === "active" && quarantines.length === 0
    ? []
    : [{ worker: worker.name, state: worker.state, quarantines }]
}

/** Puts a worker into quarantine if it has failed too often, and says so if it was put into it now. */
const convict = (
  state: MemoryState,
  now: DateTime.Utc,
  { quarantine, type, worker }: Suspicion
): ReadonlyArray<Quarantined> => {
  const known = state.workers.get(worker)?.quarantines.get(type)
  if (known !== undefined && DateTime.isGreaterThan(known, now)) return []
  const earliest = DateTime.subtractDuration(now, quarantine.within)
  const failures = state.failures.filter((failure) => failure.worker === worker && failure.type === type)
  const recent = failures.filter(({ at }) => DateTime.isGreaterThan(at, earliest))
  if (recent.length < quarantine.failures) return []
  const until = DateTime.addDuration(now, quarantine.for)
  update(state, now, worker, ({ quarantines }) => ({
    quarantines: new Map([...quarantines, [type, until]])
  }))
  for (const failure of failures) state.failures.splice(state.failures.indexOf(failure), 1)
  return [{ worker, type, until }]
}

const forget = (state: MemoryState, now: DateTime.Utc, limit: number): Due<string> => {
  const oldest = DateTime.subtractDuration(now, longestMemory)
  const kept = state.failures.filter(({ at }) => DateTime.isGreaterThan(at, oldest))
  state.failures.splice(0, state.failures.length, ...kept)
  const gone = allKnown(state).filter((worker) => worker.state === "active" && !worker.isPresent)
  const { done } = takeDue(gone, longAfterSeen(forgottenAfter), now, limit)
  for (const { name } of done) state.workers.delete(name)
  return { done: done.map(({ name }) => name), next: done.length === limit ? Duration.zero : null }
}

const page = (
  state: MemoryState,
  now: DateTime.Utc,
  limit: number,
  isMeant: (worker: KnownWorker) => boolean
): Page<Worker> => {
  const found = allKnown(state)
    .filter(isMeant)
    .toSorted((left, right) => byName(left.name, right.name))
  return {
    items: found.slice(0, limit).map((worker) => show(state, now, worker)),
    hasMore: found.length > limit
  }
}

export const layer = Layer.effect(
  WorkerRepo,
  Effect.map(Memory, (state) =>
    WorkerRepo.of({
      see: (batch) =>
        step((now) => {
          const isNew = ({ worker }: { readonly worker: string }) =>
            state.workers.get(worker)?.isPresent !== true
          const newcomers = batch.filter(isNew).map(({ worker }) => worker)
          for (const { suitability, worker } of batch) {
            updateKnown(state, now, worker, {
              lastSeenAt: now,
              isPresent: true,
              ...suitability
            })
          }
          return newcomers
        }),
      credit: (batch) =>
        step((now) => {
          for (const work of batch) {
            update(state, now, work.worker, (worker) => {
              const before = worker.work.get(work.type)
              const sum: WorkDone = {
                ...work,
                done: work.done + (before?.done ?? 0),
                failed: work.failed + (before?.failed ?? 0),
                lost: work.lost + (before?.lost ?? 0),
                runs: [...work.runs, ...(before?.runs ?? [])].slice(0, recentRuns)
              }
              return { work: new Map([...worker.work, [work.type, sum]]) }
            })
          }
        }),
      change: ({ by, reason, state: to, worker }) =>
        step((now) => updateKnown(state, now, worker, { state: to, reason, changedBy: by })),
      find: (names) =>
        step((now) =>
          allKnown(state)
            .filter(({ name }) => names.includes(name))
            .toSorted((left, right) => byName(left.name, right.name))
            .map((worker) => show(state, now, worker))
        ),
      list: ({ after, limit, state: wanted }) =>
        step((now) =>
          page(
            state,
            now,
            limit,
            ({ name, state: its }) =>
              (wanted === null || its === wanted) && (after === null || byName(name, after) > 0)
          )
        ),
      present: (limit) => step((now) => page(state, now, limit, ({ isPresent }) => isPresent)),
      restricted: step((now) => [...state.workers.values()].flatMap((worker) => restrictionsOf(worker, now))),
      quarantine: (batch) => step((now) => batch.flatMap((suspicion) => convict(state, now, suspicion))),
      noticeGone: (limit) =>
        step((now) => {
          const busy = new Set([...state.byStatus.processing.values()].map(({ attempt }) => attempt?.worker))
          const idle = [...state.workers.values()].filter(
            ({ isPresent, name }) => isPresent && !busy.has(name)
          )
          const { done, next } = takeDue(idle, longAfterSeen(goneAfter), now, limit)
          for (const { name } of done) update(state, now, name, () => ({ isPresent: false }))
          return {
            done: done.map(({ name }) => name),
            next: next === null ? null : Duration.max(next, Duration.zero)
          }
        }),
      forget: (limit) => step((now) => forget(state, now, limit))
    })
  )
)
