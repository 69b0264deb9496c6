/** Policies in the store in memory. */
import { Effect, Layer } from "effect"
import { PolicyRepo } from "../../domain/policies/PolicyRepo.ts"
import { Memory, step } from "./MemoryState.ts"

export const layer = Layer.effect(
  PolicyRepo,
  Effect.map(Memory, ({ policies }) =>
    PolicyRepo.of({
      all: Effect.sync(() => [...policies.values()]),
      change: (type, by, change) =>
        step((now) => {
          const before = policies.get(type)?.own ?? null
          const after = change(before)
          if (after === null) policies.delete(type)
          else policies.set(type, { type, own: after, changedAt: now, changedBy: by })
          return { before, after }
        })
    })
  )
)
