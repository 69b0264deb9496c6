/** Workers in PostgreSQL. */
import { Effect, Layer } from "effect"
import { WorkerRepo } from "../../domain/workers/WorkerRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { changeWorker } from "./queries/changeWorker.ts"
import { creditWorkers } from "./queries/creditWorkers.ts"
import { findWorkers, listWorkers, presentWorkers } from "./queries/findWorkers.ts"
import { forgetWorkers } from "./queries/forgetWorkers.ts"
import { noticeGoneWorkers } from "./queries/noticeGoneWorkers.ts"
import { quarantineWorkers } from "./queries/quarantineWorkers.ts"
import { restrictedWorkers } from "./queries/restrictedWorkers.ts"
import { seeWorkers } from "./queries/seeWorkers.ts"

export const layer = Layer.effect(
  WorkerRepo,
  Effect.map(TheDatabase, (database) =>
    WorkerRepo.of({
      see: (batch) => orUnavailable(seeWorkers(database, batch)),
      credit: (batch) => orUnavailable(creditWorkers(database, batch)),
      change: (change) => orUnavailable(changeWorker(database, change)),
      find: (names) => orUnavailable(findWorkers(database, names)),
      list: (filter) => orUnavailable(listWorkers(database, filter)),
      present: (limit) => orUnavailable(presentWorkers(database, limit)),
      restricted: orUnavailable(restrictedWorkers(database)),
      quarantine: (batch) => orUnavailable(quarantineWorkers(database, batch)),
      noticeGone: (limit) => orUnavailable(noticeGoneWorkers(database, limit)),
      forget: (limit) => orUnavailable(forgetWorkers(database, limit))
    })
  )
)
