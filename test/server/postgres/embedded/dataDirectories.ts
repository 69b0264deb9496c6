import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as DataDirectory from "../../../../src/server/postgres/embedded/DataDirectory.ts"

/** A directory that goes with the scope. */
export const emptyDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "lazyboss-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

const makeTemplate: Effect.Effect<string> = Effect.gen(function* () {
  const dataDir = yield* Effect.promise(() => mkdtemp(join(tmpdir(), "lazyboss-template-")))
  yield* Effect.scoped(DataDirectory.acquire(dataDir)).pipe(Effect.orDie)
  return dataDir
})

let template: Promise<string> | undefined

/** A data directory with a new cluster. Making one takes seconds, copying it does not. */
export const newDataDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.gen(function* () {
  const dataDir = yield* emptyDirectory
  const from = yield* Effect.promise(() => (template ??= Effect.runPromise(makeTemplate)))
  yield* Effect.promise(() => cp(from, dataDir, { recursive: true }))
  return dataDir
})

export const removeTemplate = async (): Promise<void> => {
  if (template !== undefined) await rm(await template, { recursive: true, force: true })
  template = undefined
}
