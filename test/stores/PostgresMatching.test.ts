import { Clock, Layer } from "effect"
import * as PostgresStore from "../../src/server/postgres/PostgresStore.ts"
import { StoreClock } from "../../src/server/postgres/StoreClock.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { matchingSuite } from "./MatchingSuite.ts"

// The time of the test's clock.
const clock = Layer.succeed(StoreClock, Clock.currentTimeMillis)

matchingSuite(
  "the store in PostgreSQL",
  PostgresStore.layerMigrated.pipe(Layer.provide(newDatabaseLayer), Layer.provide(clock), Layer.orDie)
)
