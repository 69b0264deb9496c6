/** Projects in the store in memory. */
import { DateTime, Effect, Layer } from "effect"
import { projectRecheck, ProjectRepo } from "../../domain/ProjectRepo.ts"
import { count, finish, isFinishable, jobsOf } from "./MemoryProjects.ts"
import { Memory, step, takeDue } from "./MemoryState.ts"

export const layer = Layer.effect(
  ProjectRepo,
  Effect.map(Memory, (state) => {
    const { projects } = state
    return ProjectRepo.of({
      find: (id) => Effect.sync(() => projects.get(id)?.record ?? null),
      list: ({ before, limit }) =>
        Effect.sync(() => {
          const found = [...projects.values()]
            .map(({ record }) => record)
            .filter(({ id }) => before === undefined || id < before)
            .toSorted((left, right) => (left.id < right.id ? 1 : -1))
          return { items: found.slice(0, limit), hasMore: found.length > limit }
        }),
      count: (id) => Effect.sync(() => count(state, id)),
      close: (id, cancelRequest) =>
        step((now) => {
          const kept = projects.get(id)
          if (kept === undefined || (cancelRequest !== null && kept.finished !== null)) return null
          const record = {
            ...kept.record,
            closedAt: kept.record.closedAt ?? now,
            cancelRequest: kept.record.cancelRequest ?? cancelRequest
          }
          projects.set(id, { ...kept, record })
          return record
        }),
      finish: (ids) => step((now) => [...new Set(ids)].flatMap((id) => finish(state, now, id) ?? [])),
      finishable: (limit) =>
        Effect.sync(() => [...projects.keys()].filter((id) => isFinishable(state, id)).slice(0, limit)),
      deleteFinished: (limit) =>
        step((now) => {
          const due = takeDue(projects.values(), ({ finished }) => finished?.keptUntil ?? null, now, limit)
          const deleted = due.done.flatMap(({ finished, record }) => {
            if (finished === null) return []
            if (jobsOf(state, record.id).length === 0) {
              projects.delete(record.id)
              return [record.id]
            }
            const keptUntil = DateTime.addDuration(now, projectRecheck)
            projects.set(record.id, { record, finished: { ...finished, keptUntil } })
            return []
          })
          return { done: deleted, next: due.next }
        })
    })
  })
)
