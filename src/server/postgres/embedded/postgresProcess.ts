/** How PostgreSQL is started in WebAssembly: its settings, and what it says of a failure. */
import { PGlite } from "@electric-sql/pglite"
import { describeCause } from "./describeCause.ts"
import { plannerSettings } from "../plannerSettings.ts"
import { DurableFileSystem } from "./DurableFileSystem.ts"

export interface PostgresProcessOptions {
  readonly clusterDirectory: string
  readonly onSync?: (path: string) => void
  readonly onLog?: (entry: LogEntry) => void
}

const settings = {
  // PGlite takes no settings from a session's startup, as a server would.
  ...plannerSettings,
  // PGlite's `fsync` is a file's `fsync`; its `fdatasync`, PostgreSQL's default here, does nothing.
  wal_sync_method: "fsync",
  // Every page is also in the page cache of the operating system.
  shared_buffers: "32MB",
  // Failed statements are the client's to log, and their text may hold a job's payload.
  log_min_messages: "log"
}

const parameters = (): Array<string> => [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
  ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
]

/**
 * Starts PostgreSQL on a directory, which becomes a new cluster if it is empty. A failure carries PostgreSQL's words,
 * which PGlite only prints.
 */
export const startPostgres = async (options: PostgresProcessOptions): Promise<PGlite> => {
  const complaints: Array<string> = []
  const postgres = new PGlite({
    fs: new DurableFileSystem(options.clusterDirectory, options.onSync),
    startParams: parameters(),
    onStderr: (line) => {
      const entry = parseLogLine(line)
      if (entry?.isFatal === true) complaints.push(entry.text)
      if (entry !== undefined) options.onLog?.(entry)
      return false
    }
  })
  try {
    await postgres.waitReady
    return postgres
  } catch (cause) {
    const failure = describeCause(cause)
    throw new Error(complaints.length > 0 ? complaints.join("; ") : failure, { cause })
  }
}

export interface LogEntry {
  readonly text: string
  /** PostgreSQL gives up after such a line. */
  readonly isFatal: boolean
}

/** Time, zone and process id go, the server's log has its own; so do hints, which are written for a bigger database. */
const logLine = /^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] (LOG|WARNING|FATAL|PANIC): +(.*)$/

const isEveryday = (text: string): boolean =>
  /skipping missing configuration file|database system (is|was) shut down|shutting down/.test(text)

const parseLogLine = (line: string): LogEntry | undefined => {
  const [, severity, text] = logLine.exec(line) ?? []
  if (severity === undefined || text === undefined || isEveryday(text)) return undefined
  return { text, isFatal: severity === "FATAL" || severity === "PANIC" }
}
