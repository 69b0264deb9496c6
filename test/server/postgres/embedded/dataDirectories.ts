import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inject } from "vitest"

/** A directory that goes with the scope. */
export const emptyDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "lazyboss-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

/** A data directory with a cluster that holds no job. It is copied, because making one takes seconds. */
export const newDataDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.tap(
  emptyDirectory,
  (dataDir) => Effect.promise(() => cp(inject("dataDirTemplate"), dataDir, { recursive: true }))
)
