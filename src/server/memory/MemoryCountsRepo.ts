/** The counts of jobs in the store in memory. */
import { DateTime, Effect, Layer } from "effect"
import { CountsRepo } from "../../domain/stats/CountsRepo.ts"
import { byType, type Flow } from "../../domain/stats/Flow.ts"
import { keyOfFlow, Memory, type MemoryState } from "./MemoryState.ts"

const weightOf = (flows: ReadonlyArray<Flow>): number => flows.reduce((sum, { count }) => sum + count, 0)

const flows = (state: MemoryState, mostTypes: number): ReadonlyArray<Flow> => {
  const busiest = [...byType([...state.flows.values()]).entries()]
    .map(([type, flows]) => ({ type: type ?? "", flows, weight: weightOf(flows) }))
    .toSorted((left, right) => right.weight - left.weight || (left.type < right.type ? -1 : 1))
  const rest = new Map<string, Flow>()
  for (const flow of busiest.slice(mostTypes).flatMap(({ flows }) => flows)) {
    const key = keyOfFlow({ ...flow, type: null })
    rest.set(key, { ...flow, type: null, count: flow.count + (rest.get(key)?.count ?? 0) })
  }
  return [...busiest.slice(0, mostTypes).flatMap(({ flows }) => flows), ...rest.values()]
}

const oldestPending = (state: MemoryState, types: ReadonlyArray<string>) => {
  const oldest = new Map<string, DateTime.Utc>()
  for (const { group, runAt } of state.byStatus.pending.values()) {
    if (types.includes(group.type)) {
      oldest.set(group.type, DateTime.min(runAt, oldest.get(group.type) ?? runAt))
    }
  }
  return [...oldest].map(([type, runAt]) => ({ type, runAt }))
}

export const layer = Layer.effect(
  CountsRepo,
  Effect.map(Memory, (state) =>
    CountsRepo.of({
      flows: (mostTypes) => Effect.sync(() => flows(state, mostTypes)),
      oldestPending: (types) => Effect.sync(() => oldestPending(state, types)),
      // They are added up at once.
      rollUp: () => Effect.succeed(0)
    })
  )
)
