import { Layer } from "effect"
import * as Migrations from "../../src/server/postgres/Migrations.ts"
import * as PostgresJobRepo from "../../src/server/postgres/PostgresJobRepo.ts"
import { manualStoreClock } from "../support/storeClock.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { jobRepoSuite } from "./JobRepoSuite.ts"

const clock = manualStoreClock()

jobRepoSuite(
  "the store in PostgreSQL",
  PostgresJobRepo.layer.pipe(
    Layer.provide(Migrations.layer),
    Layer.provide(newDatabaseLayer),
    Layer.provide(clock.layer)
  ),
  { advance: clock.advance, live: true }
)
