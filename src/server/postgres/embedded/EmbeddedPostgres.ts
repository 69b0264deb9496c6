/** The embedded database: the thread that PostgreSQL runs in, and the client that speaks to it. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { describeCause } from "./describeCause.ts"
import { fromStartFailure, type DataDirectoryError } from "./DataDirectoryErrors.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { DatabaseThread } from "./DatabaseThread.ts"

export interface EmbeddedPostgresOptions {
  readonly dataDir: string
}

/** Longer than the replay of the log after a crash takes. */
const startTimeout = Duration.minutes(1)
/** A shutdown writes what is dirty; past this it is left to the recovery of the next start. */
const stopTimeout = Duration.seconds(3)
/** The driver has waited for 5 s before, since it does not go on without an answer. */
const abandonedGrace = Duration.seconds(1)
/** A value may have 16 MiB, the driver's default for a whole row. */
const maxMessageSize = 64 * 1024 * 1024

/** PostgreSQL in a thread of this process, on the files of a data directory that is this process's until the scope closes. */
export const layer = (
  options: EmbeddedPostgresOptions
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DataDirectoryError | SqlError> =>
  PgClient.layerFrom(
    Effect.gen(function* () {
      const thread = yield* startThread(options.dataDir)
      return yield* PgClient.make({
        stream: () => thread.connect(),
        username: "postgres",
        database: "postgres",
        minConnections: 1,
        maxConnections: 1,
        multiplex: true,
        idleTimeout: Duration.infinity,
        connectTimeout: startTimeout,
        maxMessageSize,
        transformJson: false
      })
    })
  )

const startThread = Effect.fnUntraced(function* (
  dataDir: string
): Effect.fn.Return<DatabaseThread, DataDirectoryError, Scope.Scope> {
  const clusterDirectory = yield* DataDirectory.acquire(dataDir)
  const services = yield* Effect.context()
  const fork = Effect.runForkWith(services)
  const thread = new DatabaseThread({
    clusterDirectory,
    onLog: (line) =>
      fork(Effect.annotateLogs(Effect.logInfo("the embedded PostgreSQL said something"), { line })),
    onCrash: (reason) =>
      fork(Effect.annotateLogs(Effect.logError("the embedded PostgreSQL has stopped"), { reason })),
    grace: () => Effect.runPromiseWith(services)(Effect.sleep(abandonedGrace))
  })
  yield* Effect.addFinalizer(() =>
    Effect.promise(() => thread.stop()).pipe(
      Effect.timeoutOrElse({ duration: stopTimeout, orElse: () => Effect.promise(() => thread.kill()) })
    )
  )
  yield* Effect.tryPromise({
    try: () => thread.start(),
    catch: (cause) => fromStartFailure(dataDir, describeCause(cause))
  })
  return thread
})
