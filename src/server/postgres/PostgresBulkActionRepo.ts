/** Bulk actions in PostgreSQL. */
import { Effect, Layer } from "effect"
import { BulkActionRepo } from "../../domain/jobs/BulkActionRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import {
  addBulkAction,
  advanceBulkAction,
  countForBulkAction,
  findBulkAction,
  takeBulkAction
} from "./queries/bulkActions.ts"
import { meantJobs } from "./queries/meantJobs.ts"

export const layer = Layer.effect(
  BulkActionRepo,
  Effect.map(TheDatabase, (database) =>
    BulkActionRepo.of({
      add: (action) => orUnavailable(addBulkAction(database, action)),
      count: (wish) => orUnavailable(countForBulkAction(database, wish)),
      find: (id) => orUnavailable(findBulkAction(database, id)),
      take: (turn) => orUnavailable(takeBulkAction(database, turn)),
      look: (action, limit) => orUnavailable(meantJobs(database, action, limit)),
      advance: (action, page, done) => orUnavailable(advanceBulkAction(database, action, page, done))
    })
  )
)
