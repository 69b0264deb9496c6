/** Bulk actions in the store in memory. */
import { DateTime, Duration, Effect, Layer } from "effect"
import { type BulkActionRecord } from "../../domain/jobs/BulkAction.ts"
import {
  type BulkActionInsert,
  bulkActionLifetime,
  BulkActionRepo
} from "../../domain/jobs/BulkActionRepo.ts"
import { isFinished, type JobRecord } from "../../domain/jobs/Job.ts"
import { meets, newestFirst } from "./MemoryJobs.ts"
import { Memory, type MemoryState, step, takeDue } from "./MemoryState.ts"

type Meaning = Pick<BulkActionRecord, "action" | "filter" | "createdAt">

const isMeant = (job: JobRecord, { action, createdAt, filter }: Meaning): boolean =>
  meets(job, filter) &&
  DateTime.isLessThanOrEqualTo(job.createdAt, createdAt) &&
  (action === "cancel"
    ? !isFinished(job.status)
    : (job.status === "failed" || job.status === "cancelled") &&
      job.finishedAt !== null &&
      DateTime.isLessThanOrEqualTo(job.finishedAt, createdAt))

const meant = (state: MemoryState, meaning: Meaning) =>
  newestFirst(state).filter((job) => isMeant(job, meaning))

const forgetOld = ({ bulkActions }: MemoryState, now: DateTime.Utc) => {
  for (const [id, { action }] of bulkActions) {
    const { finishedAt } = action
    if (finishedAt === null) continue
    if (Duration.isGreaterThan(DateTime.distance(finishedAt, now), bulkActionLifetime)) bulkActions.delete(id)
  }
}

/** Keeps an action that is asked for now. */
export const addBulkAction = (
  state: MemoryState,
  now: DateTime.Utc,
  insert: BulkActionInsert
): BulkActionRecord => {
  const matched = meant(state, { ...insert, createdAt: now }).length
  const action = { ...insert, createdAt: now, matched, done: 0, cursor: null, finishedAt: null }
  state.bulkActions.set(action.id, { action, busyUntil: now })
  return action
}

export const layer = Layer.effect(
  BulkActionRepo,
  Effect.map(Memory, (state) =>
    BulkActionRepo.of({
      add: (insert) =>
        step((now) => {
          forgetOld(state, now)
          return addBulkAction(state, now, insert)
        }),

      count: (wish) => step((now) => meant(state, { ...wish, createdAt: now }).length),

      find: (id) => Effect.sync(() => state.bulkActions.get(id)?.action ?? null),

      take: (turn) =>
        step((now) => {
          const free = takeDue(
            state.bulkActions.values(),
            ({ action, busyUntil }) => (action.finishedAt === null ? busyUntil : null),
            now,
            1
          )
          for (const { action } of free.done) {
            state.bulkActions.set(action.id, { action, busyUntil: DateTime.addDuration(now, turn) })
          }
          return { done: free.done.map(({ action }) => action), next: free.next }
        }),

      look: (action, limit) =>
        Effect.sync(() => {
          const following = meant(state, action).filter(
            ({ id }) => action.cursor === null || id < action.cursor
          )
          const jobs = following.slice(0, limit).map(({ group, id }) => ({ id, type: group.type }))
          return {
            jobs,
            cursor: jobs.at(-1)?.id ?? action.cursor,
            isLast: jobs.length === following.length
          }
        }),

      advance: ({ cursor, id }, page, done) =>
        step((now) => {
          const kept = state.bulkActions.get(id)?.action
          if (kept === undefined || kept.finishedAt !== null || kept.cursor !== cursor) return
          state.bulkActions.set(id, {
            busyUntil: now,
            action: {
              ...kept,
              cursor: page.cursor,
              done: kept.done + done,
              finishedAt: page.isLast ? now : null
            }
          })
        })
    })
  )
)
