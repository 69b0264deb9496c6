/** Makes a new cluster, in a thread of its own because it needs much memory that is given back when the thread ends. */
import * as Schema from "effect/Schema"
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { parentPort, workerData } from "node:worker_threads"
import { describeCause } from "./describeCause.ts"
import { startPostgres } from "./postgresProcess.ts"
import { ThreadData, type FromDatabase } from "./threadMessages.ts"

const sync = (path: string, flags: "r" | "r+"): void => {
  const descriptor = openSync(path, flags)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** PGlite copies a new cluster from memory without syncing it. Windows cannot sync directories, and need not. */
const syncAll = (directory: string): void => {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) syncAll(path)
    else sync(path, "r+")
  }
  if (process.platform !== "win32") sync(directory, "r")
}

const { clusterDirectory } = Schema.decodeUnknownSync(ThreadData)(workerData)
try {
  mkdirSync(clusterDirectory, { mode: 0o700 })
  const postgres = await startPostgres({ clusterDirectory })
  await postgres.close()
  syncAll(clusterDirectory)
} catch (cause) {
  const reason = describeCause(cause)
  parentPort?.postMessage({ _tag: "Failed", reason } satisfies FromDatabase, [])
}
