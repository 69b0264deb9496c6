/** The counts of jobs in PostgreSQL, which the statements keep that change jobs. */
import { Effect, Layer } from "effect"
import { CountsRepo } from "../../domain/stats/CountsRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { flows } from "./queries/flows.ts"
import { oldestPending } from "./queries/oldestPending.ts"
import { rollUpCounts } from "./queries/rollUpCounts.ts"

export const layer = Layer.effect(
  CountsRepo,
  Effect.map(TheDatabase, (database) =>
    CountsRepo.of({
      flows: (mostTypes) => orUnavailable(flows(database, mostTypes)),
      oldestPending: (types) => orUnavailable(oldestPending(database, types)),
      rollUp: (limit) => orUnavailable(rollUpCounts(database, limit))
    })
  )
)
