/** The stores that the contract is proved on. Each of the projects in `vitest.config.ts` that run it names one. */
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, type Redacted } from "effect"
import { inject } from "vitest"
import { Peers } from "../../src/domain/events/Peers.ts"
import type { Store } from "../../src/domain/Store.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import * as EmbeddedPostgres from "../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import * as Vacuum from "../../src/server/postgres/embedded/Vacuum.ts"
import * as Notifications from "../../src/server/postgres/Notifications.ts"
import * as Postgres from "../../src/server/postgres/Postgres.ts"
import * as PostgresStore from "../../src/server/postgres/PostgresStore.ts"
import { newDatabase } from "./testDatabase.ts"

type StoreName = "memory" | "PostgreSQL" | "embedded"

declare module "vitest" {
  interface ProvidedContext {
    /** The store of this project's servers. */
    readonly store: StoreName
  }
}

/** A kind of store. Whenever its layer is built, it is a new and empty one. */
export interface TestStore {
  readonly name: string
  readonly layer: Layer.Layer<Store | Peers, unknown>
}

/** A store in this database, which may have other servers. */
export const storeOn = (url: Redacted.Redacted): TestStore["layer"] =>
  Layer.merge(PostgresStore.layerMigrated, Notifications.layer).pipe(
    Layer.provide(Postgres.layer({ url, maxConnections: 4 }))
  )

const newDataDir = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "lazyboss-embedded-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "data")
)

// Copied, because making one takes seconds.
const embedded = Layer.unwrap(
  Effect.map(
    Effect.tap(newDataDir, (dataDir) =>
      Effect.promise(() => cp(inject("dataDirTemplate"), dataDir, { recursive: true }))
    ),
    (dataDir) => EmbeddedPostgres.layer({ dataDir })
  )
)

const layers: { readonly [Name in StoreName]: TestStore["layer"] } = {
  memory: Layer.merge(MemoryStore.layer, Peers.none),
  PostgreSQL: Layer.unwrap(Effect.map(newDatabase, storeOn)),
  embedded: Layer.mergeAll(PostgresStore.layerMigrated, Peers.none, Vacuum.layer).pipe(
    Layer.provide(embedded)
  )
}

/** The store of this project. */
export const theStore: TestStore = { name: inject("store"), layer: layers[inject("store")] }
