/** The store in PostgreSQL. */
import { Layer } from "effect"
import * as Database from "./Database.ts"
import * as Migrations from "./Migrations.ts"
import * as PostgresBulkActionRepo from "./PostgresBulkActionRepo.ts"
import * as PostgresCountsRepo from "./PostgresCountsRepo.ts"
import * as PostgresJobRepo from "./PostgresJobRepo.ts"
import * as PostgresPolicyRepo from "./PostgresPolicyRepo.ts"
import * as PostgresProjectRepo from "./PostgresProjectRepo.ts"
import * as PostgresRetentionRepo from "./PostgresRetentionRepo.ts"
import * as PostgresScheduleRepo from "./PostgresScheduleRepo.ts"
import * as PostgresTokenRepo from "./PostgresTokenRepo.ts"
import * as PostgresWorkerRepo from "./PostgresWorkerRepo.ts"

/** On tables that have the form which this program knows. */
export const layer = Layer.mergeAll(
  PostgresBulkActionRepo.layer,
  PostgresJobRepo.layer,
  PostgresCountsRepo.layer,
  PostgresPolicyRepo.layer,
  PostgresProjectRepo.layer,
  PostgresRetentionRepo.layer,
  PostgresScheduleRepo.layer,
  PostgresTokenRepo.layer,
  PostgresWorkerRepo.layer
).pipe(Layer.provide(Database.layer))

/** On any database: its tables are brought to that form first. */
export const layerMigrated = layer.pipe(Layer.provideMerge(Migrations.layer))
