/** How finished jobs leave PostgreSQL. */
import { Effect, Layer } from "effect"
import { RetentionRepo } from "../../domain/jobs/RetentionRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { deleteFinished } from "./queries/deleteFinished.ts"
import { oldestFinished } from "./queries/oldestFinished.ts"

export const layer = Layer.effect(
  RetentionRepo,
  Effect.map(TheDatabase, (database) =>
    RetentionRepo.of({
      oldest: orUnavailable(oldestFinished(database)),
      deleteFinished: (outdated, limit) => orUnavailable(deleteFinished(database, outdated, limit))
    })
  )
)
