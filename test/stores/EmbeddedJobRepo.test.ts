import { Effect, Layer } from "effect"
import * as EmbeddedPostgres from "../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import * as PostgresStore from "../../src/server/postgres/PostgresStore.ts"
import { newDataDirectory } from "../server/postgres/embedded/dataDirectories.ts"
import { manualStoreClock } from "../support/storeClock.ts"
import { jobRepoSuite } from "./JobRepoSuite.ts"

const clock = manualStoreClock()

const embedded = Layer.unwrap(Effect.map(newDataDirectory, (dataDir) => EmbeddedPostgres.layer({ dataDir })))

jobRepoSuite(
  "the store in the embedded PostgreSQL",
  PostgresStore.layerMigrated.pipe(Layer.provide(embedded), Layer.provide(clock.layer)),
  { advance: clock.advance, live: true }
)
