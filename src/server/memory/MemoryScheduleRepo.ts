/** Schedules in the store in memory. */
import { type DateTime, Duration, Effect, Layer } from "effect"
import { isFinished } from "../../domain/jobs/Job.ts"
import type { ScheduleRecord } from "../../domain/schedules/Schedule.ts"
import {
  type Fired,
  type Firing,
  mostUnfinished,
  ScheduleRepo,
  type ScheduleState
} from "../../domain/schedules/ScheduleRepo.ts"
import * as Jobs from "./MemoryJobs.ts"
import { Memory, type MemoryState, step, takeDue } from "./MemoryState.ts"

const stateOf = (state: MemoryState, now: DateTime.Utc, schedule: ScheduleRecord): ScheduleState => {
  const jobs = schedule.rules.overlap === "allow" ? [] : [...state.histories.values()].map(({ job }) => job)
  const unfinished = jobs
    .filter((job) => job.schedule === schedule.name && !isFinished(job.status))
    .map(({ group, id }) => ({ id, type: group.type }))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, mostUnfinished)
  return { schedule, unfinished, now }
}

const keepSchedule = (
  state: MemoryState,
  schedule: Omit<ScheduleRecord, "version">,
  firedAt: DateTime.Utc | null
): ScheduleRecord => {
  state.scheduleVersion += 1
  const kept = { ...schedule, version: state.scheduleVersion }
  state.schedules.set(schedule.name, { schedule: kept, firedAt })
  return kept
}

const fire = (state: MemoryState, now: DateTime.Utc, firing: Firing): Fired | null => {
  const schedule = state.schedules.get(firing.schedule)?.schedule
  if (schedule?.version !== firing.version) return null
  const { jobs, lastTick, nextTick } = firing
  keepSchedule(state, { ...schedule, lastTick, nextTick, lastJob: jobs.at(-1)?.id ?? schedule.lastJob }, now)
  const cancelled = firing.cancellations.map((wish) => Jobs.cancel(state, now, wish))
  const submitted = Jobs.submit(state, now, { jobs, idempotency: null })
  return {
    cancelled: cancelled.filter((job) => job !== null),
    created: submitted._tag === "Created" ? submitted.jobs : []
  }
}

const due = (state: MemoryState, now: DateTime.Utc, limit: number, unknownZones: ReadonlySet<string>) => {
  const known = [...state.schedules.values()].filter(
    ({ schedule }) => !unknownZones.has(schedule.rules.timeZone)
  )
  const { done, next } = takeDue(known, ({ schedule }) => schedule.nextTick, now, Infinity)
  const firedAt = (one: (typeof done)[number]) => one.firedAt?.epochMilliseconds ?? -Infinity
  const inTurn = done.toSorted((left, right) => firedAt(left) - firedAt(right) || 0)
  return {
    done: inTurn.slice(0, limit).map(({ schedule }) => stateOf(state, now, schedule)),
    next: done.length > 0 ? Duration.zero : next
  }
}

export const layer = Layer.effect(
  ScheduleRepo,
  Effect.map(Memory, (state) =>
    ScheduleRepo.of({
      change: (name, by, change) =>
        step((now) => {
          const stored = state.schedules.get(name)
          const before = stored?.schedule ?? null
          const kept = {
            name,
            ...change(before, now),
            lastTick: before?.lastTick ?? null,
            lastJob: before?.lastJob ?? null,
            createdAt: before?.createdAt ?? now,
            changedAt: now,
            changedBy: by
          }
          return { before, after: keepSchedule(state, kept, stored?.firedAt ?? null) }
        }),
      remove: (name) => Effect.sync(() => state.schedules.delete(name)),
      find: (name) =>
        step((now) => {
          const stored = state.schedules.get(name)
          return stored === undefined ? null : stateOf(state, now, stored.schedule)
        }),
      list: (after, limit) =>
        Effect.sync(() => {
          const all = [...state.schedules.values()]
            .map(({ schedule }) => schedule)
            .filter(({ name }) => after === null || name > after)
            .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          return { items: all.slice(0, limit), hasMore: all.length > limit }
        }),
      due: (limit, unknownZones) => step((now) => due(state, now, limit, unknownZones)),
      fire: (batch) => step((now) => batch.map((firing) => fire(state, now, firing)))
    })
  )
)
