import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import * as EmbeddedPostgres from "../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import * as Migrations from "../../src/server/postgres/Migrations.ts"
import * as PostgresJobRepo from "../../src/server/postgres/PostgresJobRepo.ts"
import { manualStoreClock } from "../support/storeClock.ts"
import { jobRepoSuite } from "./JobRepoSuite.ts"

const clock = manualStoreClock()

const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "lazyboss-embedded-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

const embedded = Layer.unwrap(
  Effect.map(temporaryDirectory, (dataDir) => EmbeddedPostgres.layer({ dataDir }))
)

jobRepoSuite(
  "the store in the embedded PostgreSQL",
  PostgresJobRepo.layer.pipe(
    Layer.provide(Migrations.layer),
    Layer.provide(embedded),
    Layer.provide(clock.layer)
  ),
  { advance: clock.advance, live: true }
)
