/** The directory of the embedded PostgreSQL: makes it, checks it and locks it, with errors that a person can act on. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { constants, existsSync } from "node:fs"
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import {
  DataDirectoryCorrupt,
  type DataDirectoryError,
  DataDirectoryForeign,
  DataDirectoryOtherVersion,
  fromFileError,
  fromStartFailure
} from "./DataDirectoryErrors.ts"
import { describeCause } from "./describeCause.ts"
import * as DataDirectoryLock from "./DataDirectoryLock.ts"
import { startThread } from "./DatabaseThread.ts"
import * as ServingAddress from "./ServingAddress.ts"
import { postgresVersion } from "./postgresVersion.ts"
import type { FromDatabase } from "./threadMessages.ts"

const clusterName = "postgres"
/** A new cluster has this name until it is complete and on the disk, so that a half-made one is never used. */
const unfinishedName = "postgres.new"
const ownNames = [
  clusterName,
  unfinishedName,
  DataDirectoryLock.lockFileName,
  DataDirectoryLock.holderFileName
]

/** Takes a data directory for this server, until the scope closes, and gives the directory of its cluster. */
export const acquire = Effect.fnUntraced(function* (
  dataDir: string
): Effect.fn.Return<string, DataDirectoryError, Scope.Scope> {
  yield* checkDirectory(dataDir)
  yield* DataDirectoryLock.acquire(dataDir)
  yield* ServingAddress.forget(dataDir)
  const names = yield* onFiles(dataDir, () => readdir(dataDir))
  if (names.includes(clusterName)) yield* checkCluster(dataDir)
  else yield* makeCluster(dataDir)
  return join(dataDir, clusterName)
})

/** Whether there is a database in the directory. */
export const hasCluster = (dataDir: string): boolean => existsSync(join(dataDir, clusterName))

const isDirectory = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false
      throw error
    }
  )

// Not by the option `recursive`, which tries for ever where no directory can be made, as in /proc.
const makeDirectory = async (path: string): Promise<void> => {
  if (await isDirectory(path)) return
  await makeDirectory(dirname(path))
  await mkdir(path, { mode: 0o700 })
}

/** Before the lock is taken, so that no lock file is left in a directory that is somebody else's. */
const checkDirectory = Effect.fnUntraced(function* (dataDir: string) {
  yield* onFiles(dataDir, () => makeDirectory(dataDir))
  yield* onFiles(dataDir, () => access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK))
  const names = yield* onFiles(dataDir, () => readdir(dataDir))
  if (names.length > 0 && !names.some((name) => ownNames.includes(name))) {
    return yield* new DataDirectoryForeign({ dataDir, found: names.slice(0, 3).join(", ") })
  }
})

const checkCluster = Effect.fnUntraced(function* (dataDir: string) {
  const found = yield* Effect.tryPromise({
    try: () => readFile(join(dataDir, clusterName, "PG_VERSION"), "utf8"),
    catch: () => new DataDirectoryCorrupt({ dataDir, detail: `${clusterName}/PG_VERSION cannot be read` })
  })
  if (found.trim() !== postgresVersion) {
    return yield* new DataDirectoryOtherVersion({ dataDir, found: found.trim(), supported: postgresVersion })
  }
})

const makeCluster = Effect.fnUntraced(function* (dataDir: string) {
  const unfinished = join(dataDir, unfinishedName)
  const remove = onFiles(dataDir, () => rm(unfinished, { recursive: true, force: true }))
  yield* remove
  yield* initialize(unfinished).pipe(
    Effect.mapError((detail) => fromStartFailure(dataDir, detail)),
    Effect.onError(() => Effect.ignore(remove))
  )
  yield* onFiles(dataDir, () => rename(unfinished, join(dataDir, clusterName)))
  yield* onFiles(dataDir, () => syncDirectory(dataDir))
})

const initialize = (clusterDirectory: string): Effect.Effect<void, string> =>
  Effect.callback((resume) => {
    const worker = startThread("clusterWorker", { clusterDirectory })
    let failure: string | undefined
    worker.on("message", (message: FromDatabase) => {
      if (message._tag === "Failed") failure = message.reason
    })
    worker.on("error", (cause) => {
      failure = describeCause(cause)
    })
    worker.on("exit", () => resume(failure === undefined ? Effect.void : Effect.fail(failure)))
    return Effect.promise(() => worker.terminate())
  })

/** Windows cannot sync directories, and need not. */
const syncDirectory = async (path: string): Promise<void> => {
  if (process.platform === "win32") return
  const directory = await open(path, "r")
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const onFiles = <A>(dataDir: string, operation: () => Promise<A>): Effect.Effect<A, DataDirectoryError> =>
  Effect.tryPromise({ try: operation, catch: fromFileError(dataDir) })
