/** Projects in the store in memory. */
import { DateTime, Effect, Layer } from "effect"
import { projectRecheck, ProjectRepo } from "../../domain/projects/ProjectRepo.ts"
import { addBulkAction } from "./MemoryBulkActionRepo.ts"
import { close, count, finish, hasUnfinished, isFinishable, jobsOf } from "./MemoryProjects.ts"
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
      close: (id) => step((now) => close(state, now, id, null)),
      cancel: (id, action) =>
        step((now) => {
          if (projects.get(id)?.finished !== null) return null
          if (hasUnfinished(state, id)) addBulkAction(state, now, action)
          return close(state, now, id, { by: action.by, reason: action.reason })
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
