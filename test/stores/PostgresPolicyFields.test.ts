import { Layer } from "effect"
import * as PostgresStore from "../../src/server/postgres/PostgresStore.ts"
import { manualStoreClock } from "../support/storeClock.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { policyFieldsSuite } from "./PolicyFieldsSuite.ts"

const clock = manualStoreClock()

policyFieldsSuite(
  "policies on the store in PostgreSQL",
  PostgresStore.layerMigrated.pipe(Layer.provide(newDatabaseLayer), Layer.provide(clock.layer)),
  { advance: clock.advance, live: true }
)
