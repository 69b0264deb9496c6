/** Policies in PostgreSQL. */
import { Effect, Layer } from "effect"
import { PolicyRepo } from "../../domain/policies/PolicyRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { allPolicies, changePolicy } from "./queries/policies.ts"

export const layer = Layer.effect(
  PolicyRepo,
  Effect.map(TheDatabase, (database) =>
    PolicyRepo.of({
      all: orUnavailable(allPolicies(database)),
      change: (type, by, change) => orUnavailable(changePolicy(database, type, by, change))
    })
  )
)
