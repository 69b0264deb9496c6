/** Locks a data directory to one process, by a lock of the operating system. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { readFileSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { DataDirectoryInUse, type DataDirectoryError, fromFileError } from "./DataDirectoryErrors.ts"

export const lockFileName = "lock"
/** Apart from the lock: on POSIX, closing any descriptor of a locked file lets go of this process's lock. */
export const holderFileName = "holder.json"

const Holder = Schema.fromJsonString(
  Schema.Struct({ processId: Schema.Int, host: Schema.String, since: Schema.String })
)

const sqliteBusy = 5
const sqliteFull = 13

/**
 * Keeps other servers out of the data directory until the scope closes.
 *
 * The lock is the operating system's (`fcntl`, on Windows `LockFileEx`), taken through an empty SQLite file because
 * SQLite is the one way to such a lock that Node brings along. Written process ids cannot do this: ids are reused, and
 * two containers that share a volume do not see each other's processes. The kernel lets go when the holder dies,
 * however it dies, so a lock is never stale, and of two servers that race for it one gets it.
 */
export const acquire = (dataDir: string): Effect.Effect<void, DataDirectoryError, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.gen(function* () {
        const since = DateTime.formatIso(yield* DateTime.now)
        const lock = yield* Effect.try({
          try: () => lockFile(join(dataDir, lockFileName)),
          catch: (cause) => fromLockError(dataDir, cause)
        })
        yield* Effect.try({
          try: () => writeFileSync(join(dataDir, holderFileName), holderOfThisProcess(since)),
          catch: fromFileError(dataDir)
        }).pipe(Effect.tapError(() => Effect.sync(() => letGo(lock))))
        return lock
      }),
      (lock) => Effect.sync(() => letGo(lock))
    )
  )

/** A lock that nothing refers to would be collected as garbage, and let go of, under a server that only waits. */
const held = new Set<DatabaseSync>()

const letGo = (lock: DatabaseSync): void => {
  held.delete(lock)
  lock.close()
}

const lockFile = (path: string): DatabaseSync => {
  const lock = new (loadSqlite().DatabaseSync)(path)
  try {
    // Without a journal in memory a killed holder would leave a journal file behind.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
    held.add(lock)
    return lock
  } catch (cause) {
    lock.close()
    throw cause
  }
}

/** Node 22 warns that SQLite is experimental. That is no news to a person who starts a job server. */
const loadSqlite = (): typeof import("node:sqlite") => {
  const emitWarning = process.emitWarning
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
}

const fromLockError = (dataDir: string, cause: unknown): DataDirectoryError => {
  const code = cause instanceof Error && "errcode" in cause ? cause.errcode : undefined
  if (code === sqliteBusy) return new DataDirectoryInUse({ dataDir, holder: describeHolder(dataDir) })
  return fromFileError(dataDir)(
    code === sqliteFull && cause instanceof Error ? Object.assign(cause, { code: "ENOSPC" }) : cause
  )
}

const encodeHolder = Schema.encodeSync(Holder)
const decodeHolder = Schema.decodeUnknownSync(Holder)

const holderOfThisProcess = (since: string): string =>
  encodeHolder({ processId: process.pid, host: hostname(), since })

/** Only words for a person: who holds the lock is the kernel's knowledge. */
const describeHolder = (dataDir: string): string => {
  try {
    const holder = decodeHolder(readFileSync(join(dataDir, holderFileName), "utf8"))
    return `process ${holder.processId} (on ${holder.host}, since ${holder.since})`
  } catch {
    return "another process"
  }
}
